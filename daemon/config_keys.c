/* The table of dangol.conf's keys, and the same table as words for the manual. */
#include "config_keys.h"

#include <string.h>
#include "base/log.h"
#include "config_set.h"

const struct config_block config_blocks[] = {
        {"shop", "가게", false, "who the shop is", "어떤 가게인지"},
        {"store", "저장소", false, "where everything is kept, and how long",
                "어디에 얼마나 보관하는지"},
        {"listen", "접속", false, "where the daemon is spoken to",
                "데몬과 어디서 말하는지"},
        {"limits", "제한", false, "when and how many advertisements may go",
                "광고를 언제 얼마나 보내도 되는지"},
        {"channel", "채널", true, "a way out: sms, alimtalk, brandmessage, email or push",
                "보내는 길: 문자, 알림톡, 브랜드메시지, 메일, 푸시"},
        {"hook", "훅", true, "a shop system that posts to /v1/hooks/NAME",
                "/v1/hooks/이름으로 알려 오는 쇼핑몰이나 결제 시스템"},
        {"forward", "전달", true, "a server of the shop's that is told of events",
                "이벤트를 받아 볼 가게의 서버"},
        {NULL, NULL, false, NULL, NULL},
};

const struct config_key config_keys[] = {
        {"", "rules", "규칙폴더", "\"…\"", false, config_set_rules,
                "the folder of rule files; \"rules\" when not said",
                "규칙 파일 폴더. 없으면 \"rules\""},
        {"", "templates", "양식폴더", "\"…\"", false, config_set_templates,
                "the folder of templates; \"templates\" when not said",
                "양식 폴더. 없으면 \"templates\""},

        {"shop", "name", "이름", "\"…\"", false, config_set_shop_name,
                "as customers read it; needed", "손님이 읽는 이름. 꼭 필요합니다"},
        {"shop", "phone", "전화", "\"…\"", false, config_set_shop_phone,
                "as customers read it", "손님이 읽는 전화번호"},
        {"shop", "address", "주소", "\"…\"", false, config_set_shop_address,
                "as customers read it", "손님이 읽는 주소"},
        {"shop", "timezone", "시간대", "\"…\"", false, config_set_timezone,
                "\"Asia/Seoul\" when not said", "없으면 \"Asia/Seoul\""},
        {"shop", "language", "언어", "NAME", false, config_set_language,
                "two letters; ko when not said", "두 글자. 없으면 ko"},
        {"shop", "currency", "통화", "NAME", false, config_set_currency, "KRW", "KRW"},
        {"shop", "owner", "사장님",
                "sms \"…\" email \"…\" | email \"…\" sms \"…\" | sms \"…\" | email \"…\"",
                false, config_set_owner, "where 'send owner' goes",
                "'사장님 보내기'가 가는 곳"},
        {"shop", "law", "법", "korea | none", false, config_set_law,
                "korea when not said: the night is closed to advertisements",
                "없으면 korea: 밤에는 광고를 보내지 않습니다"},
        {"shop", "exception", "예외", "purchase | none", false, config_set_exception,
                "purchase: who bought such goods in the last 6 months may be written to "
                "without consent to the medium; none when not said",
                "purchase: 여섯 달 안에 같은 종류의 물건을 산 손님에게는 그 매체의 "
                "동의 없이도 보냅니다. 없으면 none"},
        {"shop", "opens", "여는시각", "TIME", false, config_set_opens,
                "when the shop opens; without effect in this version",
                "문 여는 시각. 이 판에서는 쓰이지 않습니다"},
        {"shop", "closed", "쉬는날", "DAY | DATE to DATE | DATE", true, config_set_closed,
                "when it is closed; may be repeated; without effect in this version",
                "쉬는 날. 여러 번 적을 수 있습니다. 이 판에서는 쓰이지 않습니다"},

        {"store", "path", "경로", "\"…\"", false, config_set_store,
                "the database; \"dangol.db\" when not said",
                "데이터베이스. 없으면 \"dangol.db\""},
        {"store", "keep", "보관", "events DURATION | messages DURATION", true,
                config_set_keep,
                "how long, in months or years; without effect in this version: for ever",
                "보관 기간을 달이나 해로. 이 판에서는 쓰이지 않고 계속 보관합니다"},

        {"listen", "socket", "소켓", "\"…\"", false, config_set_socket,
                "\"/run/dangol/dangol.sock\" when not said",
                "없으면 \"/run/dangol/dangol.sock\""},
        {"listen", "mode", "권한", "MODE", false, config_set_mode,
                "of the socket; 0660 when not said", "소켓의 권한. 없으면 0660"},
        {"listen", "group", "그룹", "\"…\"", false, config_set_group, "of the socket",
                "소켓의 그룹"},
        {"listen", "http", NULL, "\"…\"", false, config_set_http,
                "a port of this machine for the API; needs token",
                "이 컴퓨터의 API 포트. token이 필요합니다"},
        {"listen", "token", "토큰", "credential \"…\"", false, config_set_token,
                "what callers over http show", "http로 부를 때 내는 토큰"},
        {"listen", "post-token", "전송토큰", "credential \"…\"", false,
                config_set_post_token,
                "another token over http, for a till: it posts events and redeems "
                "coupons, and reads nothing else",
                "http의 또 다른 토큰, 계산대용: 이벤트를 보내고 쿠폰을 쓸 뿐 다른 것은 "
                "읽지 못합니다"},
        {"listen", "public", "공개", "\"…\"", false, config_set_public,
                "a port of this machine for what comes from outside, behind a proxy with "
                "TLS; needs url",
                "밖에서 오는 것을 받는 이 컴퓨터의 포트, TLS 프록시 뒤에 둡니다. url이 "
                "필요합니다"},
        {"listen", "proxy", "프록시", "yes | no", false, config_set_proxy,
                "yes: the proxy before public says in X-Forwarded-For whom it speaks "
                "for, "
                "so that each address has its own rate; no when not said",
                "yes: public 앞의 프록시가 X-Forwarded-For에 부른 사람의 주소를 "
                "적습니다. "
                "그러면 주소마다 따로 셉니다. 없으면 no"},
        {"listen", "url", NULL, "\"…\"", false, config_set_public_url,
                "the public address that goes into messages",
                "메시지에 들어가는 공개 주소"},

        {"limits", "quiet", "조용히", "TIME to TIME | none", false, config_set_quiet,
                "when no advertisement goes, on any channel",
                "모든 채널에서 광고를 쉬는 시간"},
        {"limits", "margin", "여유", "DURATION", false, config_set_margin,
                "before the law's night in which nothing is handed over; 10 minutes when "
                "not said",
                "법의 야간 시간 앞에 두는 여유. 없으면 10분"},
        {"limits", "ads", "광고", "N per UNIT | N", true, config_set_ads,
                "advertisements a customer gets; 0: none at all",
                "한 고객이 받는 광고 수. 0: 보내지 않음"},
        {"limits", "hold", "보류", "at most DURATION | 최대 DURATION", false,
                config_set_hold,
                "how long a message waits for its turn; 3 days when not said",
                "차례를 기다리는 한도. 없으면 3일"},
        {"limits", "guard", "대량방지", "N | none", false, config_set_guard,
                "how many an advertising rule may always start in 24 hours; 50 when not "
                "said",
                "광고 규칙이 24시간에 늘 시작해도 되는 수. 없으면 50"},

        {"channel", "provider", "사업자", "NAME", false, config_set_provider,
                "outbox (files; when not said), webhook, smtp (e-mail; when server is "
                "said), or the name of a sending service",
                "outbox(파일, 없을 때), webhook, smtp(메일, server가 있을 때), 또는 "
                "발송 사업자의 이름"},
        {"channel", "url", NULL, "\"…\"", false, config_set_url,
                "webhook: where messages are posted; elsewhere it takes the place of "
                "scheme, host and port of the provider's address",
                "webhook: 메시지를 보내는 주소. 다른 사업자: 주소의 서버 부분을 "
                "대신합니다"},
        {"channel", "secret", NULL, "credential \"…\"", false, config_set_secret,
                "webhook: signs each message; the provider's secret key",
                "webhook: 메시지에 서명하는 열쇠. 사업자의 비밀 키"},
        {"channel", "key", NULL, "credential \"…\"", false, config_set_key,
                "the key of the shop's account with the provider", "사업자 계정의 키"},
        {"channel", "password", "비밀번호", "credential \"…\"", false,
                config_set_password, "smtp: with user", "smtp: user와 함께"},
        {"channel", "token", "토큰", "credential \"…\"", false, config_set_bearer,
                "smtp: with user, an access token (XOAUTH2) in the password's place",
                "smtp: user와 함께, 비밀번호 대신 쓰는 접근 토큰(XOAUTH2)"},
        {"channel", "renew", "갱신", "\"…\"", false, config_set_renew,
                "smtp: with user, the program that prints a fresh access token",
                "smtp: user와 함께, 새 접근 토큰을 내놓는 프로그램"},
        {"channel", "user", "사용자", "\"…\"", false, config_set_user,
                "smtp: who signs in", "smtp: 로그인하는 사용자"},
        {"channel", "server", "서버", "\"…\"", false, config_set_server,
                "smtp: \"host:port\"", "smtp: \"서버:포트\""},
        {"channel", "tls", NULL, "starttls | implicit | none", false, config_set_tls,
                "smtp: starttls when not said, implicit at port 465; none for this "
                "machine alone",
                "smtp: 없으면 starttls, 465번 포트는 implicit. none은 이 컴퓨터만"},
        {"channel", "from", "보내는이", "\"…\"", false, config_set_from,
                "email: \"Name <a@example.com>\"", "메일: \"이름 <a@example.com>\""},
        {"channel", "sender", "발신번호", "\"…\"", false, config_set_sender,
                "sms: the registered number", "문자: 등록한 발신번호"},
        {"channel", "refuse", "수신거부", "\"…\"", false, config_set_refuse,
                "sms: the free number to refuse; advertisements need it",
                "문자: 무료 수신거부 번호. 광고에 필요합니다"},
        {"channel", "profile", "프로필", "\"…\"", false, config_set_profile,
                "alimtalk, brandmessage: the sender profile of the KakaoTalk channel",
                "알림톡, 브랜드메시지: 카카오톡 채널의 발신 프로필"},
        {"channel", "connections", "연결", "N", false, config_set_connections,
                "at once, at most", "동시에 여는 연결 수"},
        {"channel", "rate", "속도", "N per UNIT", false, config_set_rate,
                "messages, at most", "보내는 속도의 한도"},
        {"channel", "price", "값",
                "sms MONEY lms MONEY mms MONEY | sms MONEY lms MONEY | sms MONEY | MONEY",
                false, config_set_price,
                "what a message costs, for sms by kind; shown by preview, simulate, "
                "status and report",
                "한 건의 값, 문자는 종류마다. 미리보기, 시뮬레이션, 상태, 보고에 "
                "나옵니다"},
        {"channel", "budget", "예산", "MONEY per UNIT", false, config_set_budget,
                "what it may cost: advertisements wait when it is used up; needs a price",
                "쓸 수 있는 돈. 다 쓰면 광고가 기다립니다. price가 필요합니다"},
        {"channel", "fallback", "예비", "provider NAME | 사업자 NAME", false,
                config_set_fallback,
                "who takes over while the first one does not work; the keys behind it "
                "are that provider's",
                "먼저 쓰는 사업자가 되지 않는 동안 대신 보내는 사업자. 뒤의 항목은 그 "
                "사업자의 것입니다"},
        {"channel", "receipts", NULL, "credential \"…\"", false, config_set_receipts,
                "what the provider shows with its delivery reports",
                "사업자가 도착 보고와 함께 보내는 비밀 값"},
        {"channel", "service", NULL, "\"…\"", false, config_set_service,
                "sens: the project's service id", "sens: 프로젝트의 서비스 ID"},
        {"channel", "bounces", "반송함", "\"…\"", false, config_set_bounces,
                "email: where reports of mails that could not be delivered come to, a "
                "Maildir \"/…\" or \"imaps://host/INBOX\"",
                "메일: 배달되지 못한 메일의 보고가 오는 곳, Maildir \"/…\" 또는 "
                "\"imaps://서버/INBOX\""},
        {"channel", "bounces-user", "반송함사용자", "\"…\"", false,
                config_set_bounces_user,
                "who signs in to that IMAP server; user when not said",
                "그 IMAP 서버에 로그인하는 사용자. 없으면 user"},
        {"channel", "bounces-password", "반송함비밀번호", "credential \"…\"", false,
                config_set_bounces_password, "with bounces-user", "bounces-user와 함께"},

        {"hook", "secret", "비밀", "credential \"…\"", false, config_set_hook_secret,
                "what that system signs with, or the key that it shows",
                "그 시스템이 서명하는 비밀 값, 또는 보내는 키"},
        {"hook", "old-secret", "옛비밀", "credential \"…\"", false,
                config_set_hook_old_secret,
                "the one before, taken as well while the system changes to the new one",
                "비밀 값을 바꾸는 동안 함께 받는 이전 값"},
        {"hook", "url", NULL, "\"…\"", false, config_set_hook_url,
                "square: the address that it was given, which is part of what it signs",
                "square: 그쪽에 등록한 주소. 서명에 들어갑니다"},
        {"hook", "wording", "문구", "\"…\"", false, config_set_hook_wording,
                "what customers agree to in that system: with it its flags are consents "
                "to "
                "the medium and to the use of data; without, they are kept and give none",
                "고객이 그 시스템에서 동의하는 문구. 있으면 그쪽의 수신동의 표시가 "
                "매체와 개인정보 이용의 동의가 되고, 없으면 표시만 남습니다"},

        {"forward", "url", NULL, "\"…\"", false, config_set_forward_url,
                "where each event is posted; needed",
                "이벤트를 보낼 주소. 꼭 필요합니다"},
        {"forward", "secret", "비밀", "credential \"…\"", false,
                config_set_forward_secret, "signs each of them; needed",
                "이벤트마다 서명하는 열쇠. 꼭 필요합니다"},
        {"forward", "events", "이벤트", "EVENTS", true, config_set_forward_events,
                "which: order.paid, \"message.*\", \"*\" for all; needed, may be "
                "repeated",
                "어떤 이벤트인지: 주문.결제, \"message.*\", 모두면 \"*\". 꼭 필요하고, "
                "여러 번 적을 수 있습니다"},
        {"forward", "keep", "보관", "DURATION", false, config_set_forward_keep,
                "how long an event is tried, 1 to 28 days; 7 days when not said",
                "보내 보는 기간, 1일에서 28일까지. 없으면 7일"},
        {"forward", "with", "함께", "customer", false, config_set_forward_with,
                "the customer's name, phone and e-mail go as well; his id alone when "
                "not said",
                "고객의 이름, 전화, 메일도 함께 보냅니다. 없으면 고객 id만"},
        {NULL, NULL, NULL, NULL, false, NULL, NULL, NULL},
};

static void document_keys(struct buf *out, const char *block)
{
	for (const struct config_key *key = config_keys; key->block; key++) {
		if (strcmp(key->block, block))
			continue;
		buf_printf(out, "%s%s %s\n", *block ? "    " : "", key->name,
		        key->signature);
		buf_printf(out, "%s        %s%s%s%s\n", *block ? "    " : "",
		        TR(key->what, key->what_korean), key->korean ? " (" : "",
		        key->korean ? key->korean : "", key->korean ? ")" : "");
	}
}

void config_document(struct buf *out)
{
	document_keys(out, "");
	for (const struct config_block *block = config_blocks; block->name; block++) {
		buf_printf(out, "%s%s { … }\n        %s (%s)\n", block->name,
		        block->named ? " NAME" : "", TR(block->what, block->what_korean),
		        block->korean);
		document_keys(out, block->name);
	}
}
