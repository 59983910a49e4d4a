/* Who is meant by an id, a phone number or an e-mail address that stands in a body, so
 * that none of them stands in an address of the API. */
#include "door/person.h"

#include "base/log.h"
#include "base/text.h"
#include "store/walk.h"

static int found(struct call *call, int n)
{
	if (n > 0)
		return n;
	call_problem(
	        call, 404, NULL, TR("there is no such customer", "그런 고객이 없습니다"));
	return -1;
}

int person_meant(struct call *call, json_t *body, int64_t *ids)
{
	const char *ref = NULL, *phone = NULL, *email = NULL;
	char e164[24], address[256];
	if (!call_member_text(call, body, "id", false, &ref) ||
	        !call_member_text(call, body, "phone", false, &phone) ||
	        !call_member_text(call, body, "email", false, &email))
		return -1;
	if (!!ref + !!phone + !!email != 1) {
		call_problem(call, 422, NULL,
		        TR("one of id, phone and email says who is meant",
		                "누구인지 id, phone, email 가운데 하나로 적어 주세요"));
		return -1;
	}
	if (ref) {
		ids[0] = customer_find(call->db, ref);
		return found(call, ids[0] ? 1 : 0);
	}
	if (phone ? text_phone(phone, e164) != 0
	          : text_email(email, address, sizeof address) != 0) {
		call_problem(call, 422, phone ? "/phone" : "/email",
		        phone ? TR("is no phone number", "전화번호가 아닙니다")
		              : TR("is no e-mail address", "메일 주소가 아닙니다"));
		return -1;
	}
	return found(call, customer_holding(call->db, phone ? e164 : NULL,
	                           phone ? NULL : address, ids, PERSON_MOST));
}

void person_several(struct call *call, const int64_t *ids, int n)
{
	call_refuse(call, 409, "",
	        json_pack("{s:o}", "customers", person_refs(call->db, ids, n)), NULL,
	        TR("several customers have this: name one by id, or say all where "
	           "all can be meant",
	                "해당하는 고객이 여럿입니다. id로 한 명을 고르거나, 모두를 "
	                "뜻할 수 있는 곳에서는 all을 쓰세요"));
}

json_t *person_refs(struct db *db, const int64_t *ids, int n)
{
	json_t *refs = json_array();
	char ref[160];
	for (int i = 0; i < n; i++) {
		walk_ref(db, ids[i], ref, sizeof ref);
		json_array_append_new(refs, json_string(ref));
	}
	return refs;
}
