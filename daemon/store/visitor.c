/* Browsers and whose they are. Joins nobody: whoever does asks here who may be joined. */
#include "store/visitor.h"

#include "store/alias.h"
#include "store/sealed.h"

int64_t visitor_find(struct db *db, const char *visitor)
{
	struct stmt *st = db_stmt(db, "SELECT id FROM customer WHERE visitor = ?1"
	                              " ORDER BY seen_at DESC, id DESC LIMIT 1");
	stmt_text(st, 1, visitor);
	int64_t id = stmt_single(st, 0);
	return id ? id : alias_of_visitor(db, visitor);
}

int64_t visitor_anonymous(struct db *db, const char *visitor)
{
	struct stmt *st = db_stmt(db,
	        "SELECT c.id FROM customer c INDEXED BY customer_visitor WHERE c.visitor"
	        " = ?1 AND substr(c.ref, 1, 1) = '~' AND c.phone_key IS NULL AND"
	        " c.email_key IS NULL AND c.named IS NULL AND c.bulk = 0"
	        " AND NOT EXISTS (SELECT 1 FROM consent WHERE customer = c.id)"
	        " AND NOT EXISTS (SELECT 1 FROM alias WHERE customer = c.id)"
	        " AND NOT EXISTS (SELECT 1 FROM merged WHERE customer = c.id)"
	        " AND NOT EXISTS (SELECT 1 FROM parted WHERE id = c.id)"
	        " LIMIT 1");
	stmt_text(st, 1, visitor);
	return stmt_single(st, 0);
}

bool visitor_fits(struct db *db, int64_t id, const char *phone, const char *email)
{
	struct stmt *st = db_stmt(db,
	        "SELECT CASE WHEN phone_key IS NOT NULL AND ?2 IS NOT NULL THEN phone_key"
	        " = ?2 WHEN email_key IS NOT NULL AND ?3 IS NOT NULL THEN email_key = ?3"
	        " ELSE 1 END FROM customer WHERE id = ?1");
	stmt_int(st, 1, id);
	sealed_index(st, 2, SEAL_ADDRESS, phone);
	sealed_index(st, 3, SEAL_ADDRESS, email);
	return stmt_single(st, 1) == 1;
}

void visitor_take(struct db *db, int64_t id, const char *visitor)
{
	struct stmt *st = db_stmt(db,
	        "UPDATE customer SET visitor = NULL WHERE visitor = ?2 AND id <> ?1 AND"
	        " (substr(ref, 1, 1) <> '~' OR phone_key IS NOT NULL OR email_key IS NOT"
	        " NULL OR EXISTS (SELECT 1 FROM alias a WHERE a.customer = "
	        "customer.id))");
	stmt_int(st, 1, id);
	stmt_text(st, 2, visitor);
	stmt_exec(st);
	st = db_stmt(db, "UPDATE merged SET visitor = NULL WHERE visitor = ?2 AND"
	                 " customer <> ?1");
	stmt_int(st, 1, id);
	stmt_text(st, 2, visitor);
	stmt_exec(st);
}
