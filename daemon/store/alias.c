/* Looks up who was merged into whom. The customer himself is looked for first, elsewhere:
 * what somebody has now is his before what another one once had. */
#include "store/alias.h"

#include "store/sealed.h"

int64_t alias_find(struct db *db, const char *ref)
{
	struct stmt *st = db_stmt(db, "SELECT customer FROM alias WHERE ref = ?1");
	stmt_text(st, 1, ref);
	return stmt_single(st, 0);
}

/* Of several the one seen last, as among customers. */
#define WHO(column) \
	"SELECT c.id FROM merged m JOIN customer c ON c.id = m.customer WHERE m." column \
	" = ?1 ORDER BY c.seen_at DESC, c.id DESC LIMIT 1"

int64_t alias_of_phone(struct db *db, const char *phone)
{
	struct stmt *st = db_stmt(db, WHO("phone_key"));
	sealed_index(st, 1, SEAL_ADDRESS, phone);
	return stmt_single(st, 0);
}

int64_t alias_of_email(struct db *db, const char *email)
{
	struct stmt *st = db_stmt(db, WHO("email_key"));
	sealed_index(st, 1, SEAL_ADDRESS, email);
	return stmt_single(st, 0);
}

int64_t alias_of_visitor(struct db *db, const char *visitor)
{
	struct stmt *st = db_stmt(db, WHO("visitor"));
	stmt_text(st, 1, visitor);
	return stmt_single(st, 0);
}
#undef WHO

int64_t alias_current(struct db *db, int64_t customer)
{
	struct stmt *st = db_stmt(db, "SELECT customer FROM merged WHERE id = ?1");
	stmt_int(st, 1, customer);
	return stmt_single(st, customer);
}

bool alias_had(struct db *db, int64_t customer, const char *phone, const char *email)
{
	struct stmt *st =
	        db_stmt(db, "SELECT 1 FROM merged INDEXED BY merged_customer WHERE"
	                    " customer = ?1 AND (phone_key = ?2 OR email_key = ?3)"
	                    " LIMIT 1");
	stmt_int(st, 1, customer);
	sealed_index(st, 2, SEAL_ADDRESS, phone);
	sealed_index(st, 3, SEAL_ADDRESS, email);
	return stmt_single(st, 0) == 1;
}

json_t *alias_refs(struct db *db, int64_t customer)
{
	json_t *refs = NULL;
	struct stmt *st = db_stmt(db, "SELECT ref FROM alias INDEXED BY alias_customer"
	                              " WHERE customer = ?1 AND substr(ref, 1, 1) <> '~'"
	                              " ORDER BY ref");
	stmt_int(st, 1, customer);
	while (stmt_row(st)) {
		if (!refs)
			refs = json_array();
		json_array_append_new(refs, json_string(stmt_get_text(st, 0)));
	}
	return refs;
}
