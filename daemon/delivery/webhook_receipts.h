/* Delivery reports of provider webhook: a signed POST of our own shape. Source: Standard
 * Webhooks, "Signature scheme" and "Verifying signatures"; dangol.conf(5), "Delivery
 * reports". */
#ifndef DANGOL_WEBHOOK_RECEIPTS_H
#define DANGOL_WEBHOOK_RECEIPTS_H

#include "delivery/receipts.h"

receipts_reader webhook_receipts;

#endif
