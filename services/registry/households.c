/* SPDX-License-Identifier: Apache-2.0 */
/* Households: dated memberships; a person is in one household at a time. */
#include <string.h>

#include "decisions.h"
#include "journal.h"
#include "svc/lists.h"

enum { FAR = 1 << 28 }; /* a day after all */

#define HEAD "01" /* GB/T 4761: the head itself */

/* What one command does to households. */
struct moving {
	struct svc_call *c;
	const HouseholdChangeFacts *in;
	HouseholdChangeEffects *out;
	struct journal journal;
	const char *reason;
};

static struct moving
moving_begin(struct svc_call *c, const char *source, const char *reason)
{
	HouseholdChangeEffects *out = c->effects;
	struct moving m = {
	    .c = c,
	    .in = c->facts,
	    .out = out,
	    .journal = JOURNAL(c, out, source, reason),
	    .reason = reason,
	};
	int64_t known = c->now;

	/* A row that was made at this very instant must still have been believed for a while. */
	for (size_t i = 0; i < m.in->n_members; i++)
		if (svc_instant_us(m.in->members[i]->known_from) >= known)
			known = svc_instant_us(m.in->members[i]->known_from) + 1;
	out->known_at = svc_instant(c, known);
	return m;
}

/* -- what is known --------------------------------------------------------------------------- */

static bool
lasts_on(const HouseholdMember *member, struct date day)
{
	return date_compare(day, svc_date_or(member->valid_to, (struct date){FAR})) <= 0;
}

/* The person's membership, of one household or (NULL) of any, that lasts on a day or later. */
static HouseholdMember *
membership(const struct moving *m, const char *household_id, const char *person_id, struct date day)
{
	for (size_t i = 0; i < m->in->n_members; i++) {
		HouseholdMember *member = m->in->members[i];

		if (strcmp(member->person_id, person_id) == 0 && lasts_on(member, day) &&
		    (!household_id || strcmp(member->household_id, household_id) == 0))
			return member;
	}
	return NULL;
}

/* The next version of a loaded household; NULL: it is not of the caller's divisions. */
static Household *
household_next(struct moving *m, const char *id)
{
	for (size_t i = 0; i < m->out->n_households; i++)
		if (strcmp(m->out->households[i]->id, id) == 0)
			return m->out->households[i];
	for (size_t i = 0; i < m->in->n_households; i++)
		if (strcmp(m->in->households[i]->id, id) == 0) {
			Household *next = svc_copy_message(m->c, m->in->households[i]);

			next->version++;
			SVC_APPEND(m->c, m->out, households, next);
			return next;
		}
	return NULL;
}

/* Finds the household a command is about and sees that it was not changed meanwhile. */
static enum rpc_code
find_household(struct moving *m, const char *id, int32_t version, Household **ret_household)
{
	Household *household = household_next(m, id);

	if (!household)
		return svc_fail(m->c, NOT_FOUND, "NO_HOUSEHOLD", "本辖区没有这一户，请核对");
	if (version > 0 && household->version != version + 1)
		return svc_fail(m->c, ABORTED, "CHANGED", "户 %s 已被他人修改，请刷新后再办",
				household->number);
	if (household->closed_on)
		return svc_fail(m->c, FAILED_PRECONDITION, "CLOSED", "户 %s 已销户",
				household->number);
	*ret_household = household;
	return RPC_OK;
}

static enum rpc_code
check_day(struct moving *m, const char *field, const Date *day, const Household *household)
{
	struct date on = svc_date_or(day, m->c->today);

	if (date_compare(on, svc_date_or(household->opened_on, on)) < 0)
		return svc_fail_field(m->c, field, "日期早于立户日期");
	return RPC_OK;
}

/* -- joining --------------------------------------------------------------------------------- */

static HouseholdMember *
add_membership(struct moving *m, const char *household_id, const char *person_id,
	       const char *relation, struct date first)
{
	HouseholdMember *row = SVC_ADD(m->c, m->out, inserted, household_member);

	row->id = svc_new_id(m->c);
	row->number = 1;
	row->household_id = svc_copy_text(m->c, household_id);
	row->person_id = svc_copy_text(m->c, person_id);
	row->relation = svc_copy_text(m->c, relation);
	row->valid_from = svc_date(m->c, first);
	row->reason = svc_copy_text(m->c, m->reason);
	return row;
}

static void
tell(struct moving *m, const Person *person, PersonChanged__Kind kind, struct date on,
     const HouseholdMember *row)
{
	PersonChanged *event = journal_tell(&m->journal, person, kind,
					    PERSON_CHANGED__ACTION__RECORDED, svc_date(m->c, on));

	event->household_id = row->household_id;
	event->fact_id = row->id;
}

/* One person becomes a member; from a household that it leaves in the same command, or none. */
static enum rpc_code
join(struct moving *m, const Household *household, const HouseholdMember *wanted, struct date first,
     const char *from_id)
{
	const Person *person = journal_person(m->in->persons, m->in->n_persons, wanted->person_id);
	const HouseholdMember *other;

	if (!person || person->state == PERSON__STATE__MERGED)
		return svc_fail(m->c, NOT_FOUND, "NO_PERSON", "本辖区没有成员 %s 的记录，请核对",
				wanted->person_id);
	if (person->died_on && date_compare(svc_date_or(person->died_on, first), first) < 0)
		return svc_fail(m->c, FAILED_PRECONDITION, "DEAD", "%s 已死亡，不能加入",
				person->name);
	other = membership(m, NULL, person->id, first);
	if (other && (!from_id || strcmp(other->household_id, from_id) != 0))
		return svc_fail(m->c, FAILED_PRECONDITION, "IN_HOUSEHOLD",
				"%s 仍是另一户的成员，请先办理迁出", person->name);
	tell(m, person, PERSON_CHANGED__KIND__JOINED_HOUSEHOLD, first,
	     add_membership(m, household->id, person->id, wanted->relation, first));
	return RPC_OK;
}

static enum rpc_code
join_all(struct moving *m, const Household *household, HouseholdMember *const *members,
	 size_t n_members, struct date first, const char *from_id)
{
	enum rpc_code code = RPC_OK;

	for (size_t i = 0; code == RPC_OK && i < n_members; i++) {
		bool is_head = strcmp(members[i]->person_id, household->head_id) == 0;

		if (svc_is_repeated(members, i, offsetof(HouseholdMember, person_id)))
			return svc_fail_field(m->c, "members", "同一个人填了两次");
		if (is_head != (strcmp(members[i]->relation, HEAD) == 0))
			return svc_fail_field(m->c, "members",
					      "户主的关系代码应为 01，其他成员不能用 01");
		code = join(m, household, members[i], first, from_id);
	}
	return code;
}

/* -- leaving --------------------------------------------------------------------------------- */

/* The membership's last day is the one before `on`; one that would never have been is closed. */
static void
end_membership(struct moving *m, HouseholdMember *row, struct date on)
{
	struct date last = date_add_days(on, -1);
	HouseholdMember *next;

	SVC_APPEND(m->c, m->out, closed_ids, row->id);
	if (date_compare(last, svc_date_or(row->valid_from, last)) < 0)
		return;
	next = svc_copy_message(m->c, row);
	next->number++;
	next->valid_to = svc_date(m->c, last);
	next->reason = svc_copy_text(m->c, m->reason);
	SVC_APPEND(m->c, m->out, inserted, next);
}

static bool
leaves(const struct moving *m, const HouseholdMember *row)
{
	for (size_t i = 0; i < m->out->n_closed_ids; i++)
		if (strcmp(m->out->closed_ids[i], row->id) == 0)
			return true;
	return false;
}

/* Ends all that the person has in the household from a day on: a new head has two rows. Returns the
 * first of them, NULL: none. */
static const HouseholdMember *
end_memberships(struct moving *m, const Household *household, const char *person_id, struct date on)
{
	const HouseholdMember *first = NULL;

	for (size_t i = 0; i < m->in->n_members; i++) {
		HouseholdMember *row = m->in->members[i];

		if (strcmp(row->household_id, household->id) != 0 ||
		    strcmp(row->person_id, person_id) != 0 || !lasts_on(row, on) || leaves(m, row))
			continue;
		end_membership(m, row, on);
		first = first ? first : row;
	}
	return first;
}

static enum rpc_code
leave(struct moving *m, const Household *household, const char *person_id, struct date on)
{
	const Person *person = journal_person(m->in->persons, m->in->n_persons, person_id);
	const HouseholdMember *row = end_memberships(m, household, person_id, on);

	if (!person || !row)
		return svc_fail(m->c, FAILED_PRECONDITION, "NOT_A_MEMBER",
				"%s 在这一天不是户 %s 的成员，请核对",
				person ? person->name : person_id, household->number);
	tell(m, person, PERSON_CHANGED__KIND__LEFT_HOUSEHOLD, on, row);
	return RPC_OK;
}

/* The person's membership that nothing ends; NULL: it has left, or leaves now. */
static const HouseholdMember *
staying(const struct moving *m, const Household *household, const char *person_id)
{
	for (size_t i = 0; i < m->in->n_members; i++) {
		const HouseholdMember *row = m->in->members[i];

		if (strcmp(row->household_id, household->id) == 0 &&
		    (!person_id || strcmp(row->person_id, person_id) == 0) && !row->valid_to &&
		    !leaves(m, row))
			return row;
	}
	return NULL;
}

/* From a day on another member is the head. */
static enum rpc_code
make_head(struct moving *m, Household *household, const char *person_id, struct date on)
{
	if (!staying(m, household, person_id))
		return svc_fail_field(m->c, "head_id", "新户主应是留在户内的成员");
	end_memberships(m, household, person_id, on);
	add_membership(m, household->id, person_id, HEAD, on);
	household->head_id = svc_copy_text(m->c, person_id);
	return RPC_OK;
}

/* The last day of a household that nobody is in any more: of whoever left last, on its first day at
 * the earliest. */
static struct date
last_day(const struct moving *m, const Household *household, struct date left)
{
	struct date last = svc_date_or(household->opened_on, left), day = date_add_days(left, -1);

	last = date_compare(last, day) < 0 ? day : last;
	for (size_t i = 0; i < m->in->n_members; i++)
		if (strcmp(m->in->members[i]->household_id, household->id) == 0 &&
		    !leaves(m, m->in->members[i]) &&
		    svc_date_get(m->in->members[i]->valid_to, &day) && date_compare(last, day) < 0)
			last = day;
	return last;
}

/* After the leaving: the household is closed when nobody stays, and has a head otherwise. */
static enum rpc_code
settle(struct moving *m, Household *household, const char *head_id, struct date on)
{
	if (!staying(m, household, NULL)) {
		household->closed_on = svc_date(m->c, last_day(m, household, on));
		return RPC_OK;
	}
	if (staying(m, household, household->head_id))
		return RPC_OK;
	if (!*head_id)
		return svc_fail_field(m->c, "head_id", "户主迁出后，请指定留下的成员为户主");
	return make_head(m, household, head_id, on);
}

/* -- the rpcs -------------------------------------------------------------------------------- */

enum rpc_code
create_household(struct svc_call *c)
{
	const CreateHouseholdRequest *req = c->request;
	struct moving m = moving_begin(c, c->caller->name, "立户");
	Household *household = svc_copy_message(c, req->household);
	struct date opened = svc_date_or(household->opened_on, c->today);
	enum rpc_code code;
	bool has_head = false;

	if (!svc_caller_covers(c->caller, household->division_id))
		return svc_fail_field(c, "household.division_id", "请选择本辖区内的村或社区");
	if (*m.in->number_taken_by)
		return svc_fail(c, ALREADY_EXISTS, "NUMBER_TAKEN", "户号 %s 已有，请核对",
				household->number);
	for (size_t i = 0; i < household->n_members; i++)
		has_head |= strcmp(household->members[i]->person_id, household->head_id) == 0;
	if (!has_head)
		return svc_fail_field(c, "household.members", "户主应在成员之中");
	household->id = svc_id_or_new(c, household->id);
	household->version = 1;
	household->closed_on = NULL;
	code = join_all(&m, household, household->members, household->n_members, opened, NULL);
	household->members = m.out->inserted;
	household->n_members = m.out->n_inserted;
	m.out->reply = household;
	return code;
}

enum rpc_code
update_household(struct svc_call *c)
{
	const UpdateHouseholdRequest *req = c->request;
	struct moving m = moving_begin(c, c->caller->name, "变更户主");
	Household *household = NULL;
	enum rpc_code code = find_household(&m, req->id, req->version, &household);

	if (code != RPC_OK)
		return code;
	if (req->division_id > 0 && !svc_caller_covers(c->caller, req->division_id))
		return svc_fail_field(c, "division_id", "请选择本辖区内的村或社区");
	if (*req->head_id && strcmp(req->head_id, household->head_id) != 0)
		code = make_head(&m, household, req->head_id, c->today);
	if (req->division_id > 0)
		household->division_id = req->division_id;
	if (*req->address)
		household->address = req->address;
	if (req->area != HOUSEHOLD__AREA__AREA_UNSPECIFIED)
		household->area = req->area;
	m.out->reply = household;
	return code;
}

enum rpc_code
add_members(struct svc_call *c)
{
	const AddMembersRequest *req = c->request;
	struct moving m = moving_begin(c, req->source, req->reason);
	struct date joined = svc_date_or(req->joined_on, c->today);
	Household *household = NULL;
	enum rpc_code code = find_household(&m, req->id, req->version, &household);

	if (code != RPC_OK ||
	    (code = check_day(&m, "joined_on", req->joined_on, household)) != RPC_OK)
		return code;
	m.out->reply = household;
	return join_all(&m, household, req->members, req->n_members, joined, NULL);
}

enum rpc_code
remove_members(struct svc_call *c)
{
	const RemoveMembersRequest *req = c->request;
	struct moving m = moving_begin(c, req->source, req->reason);
	struct date left = svc_date_or(req->left_on, c->today);
	Household *household = NULL;
	enum rpc_code code = find_household(&m, req->id, req->version, &household);

	if (code != RPC_OK || (code = check_day(&m, "left_on", req->left_on, household)) != RPC_OK)
		return code;
	for (size_t i = 0; code == RPC_OK && i < req->n_person_ids; i++)
		code = leave(&m, household, req->person_ids[i], left);
	m.out->reply = household;
	return code == RPC_OK ? settle(&m, household, req->head_id, left) : code;
}

enum rpc_code
move_members(struct svc_call *c)
{
	const MoveMembersRequest *req = c->request;
	struct moving m = moving_begin(c, req->source, req->reason);
	struct date on = svc_date_or(req->moved_on, c->today);
	Household *from = NULL, *to = NULL;
	enum rpc_code code = find_household(&m, req->id, req->version, &from);

	if (code != RPC_OK || (code = find_household(&m, req->to_id, 0, &to)) != RPC_OK ||
	    (code = check_day(&m, "moved_on", req->moved_on, from)) != RPC_OK ||
	    (code = check_day(&m, "moved_on", req->moved_on, to)) != RPC_OK)
		return code;
	if (from == to)
		return svc_fail_field(c, "to_id", "迁入的户应是另一户");
	for (size_t i = 0; code == RPC_OK && i < req->n_members; i++)
		code = leave(&m, from, req->members[i]->person_id, on);
	m.out->reply = to;
	if (code != RPC_OK || (code = settle(&m, from, req->head_id, on)) != RPC_OK)
		return code;
	return join_all(&m, to, req->members, req->n_members, on, from->id);
}
