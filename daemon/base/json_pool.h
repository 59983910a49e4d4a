/* Memory for JSON trees that live for a moment: parsed, read, dropped, thousands a
 * second. Between begin and end Jansson takes its memory from one block, which begins
 * anew when all that it gave has come back; beyond it, and outside, from the heap. */
#ifndef DANGOL_JSON_POOL_H
#define DANGOL_JSON_POOL_H

/* For the thread that begins first, which is the loop's; to every other they say nothing.
 * A tree that was parsed between is released on the same thread. */
void json_pool_begin(void);
void json_pool_end(void);

#endif
