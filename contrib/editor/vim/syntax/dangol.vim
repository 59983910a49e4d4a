" Vim syntax file: rules of dangold, dangol.rule(5).
" Made by `dangolctl --syntax vim`; do not edit.
if exists("b:current_syntax")
  finish
endif

syntax match dangolUnitWord "\v%([0-9A-Za-z_-]|[^\x00-\x7F]|\.)@4<!%(minutes|minute|months|개월|마다|시간|주일|hours|month|weeks|years|days|hour|week|year|day|won|개|년|달|만|명|번|분|에|원|일|주|회)%([0-9A-Za-z_-]|[^\x00-\x7F]|\.[A-Za-z]|\.[^\x00-\x7F])@!"
syntax match dangolCondition "\v%([0-9A-Za-z_-]|[^\x00-\x7F]|\.)@4<!%(장바구니\s+남음|left\s+in\s+cart|메일주소|시작하는|starts\s+with|average\s+of|this\s+month|상품\s+중|이번\s+달|그리고|미확인|사용함|아니오|없으면|any\s+item|at\s+least|category|contains|count\s+of|received|redeemed|between|clicked|consent|in\s+last|unknown|bought|friend|sum\s+of|viewed|within|구매|넘음|동의|또는|미만|받음|보유|분류|사이|아님|안에|야간|없음|이내|이상|이전|이하|이후|있음|전화|조회|지남|초과|최근|친구|클릭|태그|평균|포함|합계|횟수|holds|known|night|phone|ago|and|has|not|tag|yes|예|in|is|no|or)%([0-9A-Za-z_-]|[^\x00-\x7F]|\.[A-Za-z]|\.[^\x00-\x7F])@!"
syntax match dangolStep "\v%([0-9A-Za-z_-]|[^\x00-\x7F]|\.)@4<!%(브랜드메시지|brandmessage|기다리기|아니라면|정보이용|태그빼기|나누기|멈추기|보내기|사장님|아니면|알리기|알림톡|정하기|카카오|alimtalk|by\s+day|unless|낮에|다음|동안|메일|문자|주기|최대|푸시|email|kakao|owner|split|untag|up\s+to|data|else|give|next|post|push|send|stop|wait|for|set|sms)%([0-9A-Za-z_-]|[^\x00-\x7F]|\.[A-Za-z]|\.[^\x00-\x7F])@!"
syntax match dangolTrigger "\v%([0-9A-Za-z_-]|[^\x00-\x7F]|\.)@4<!%(of\s+this\s+order|이\s+주문의|들어오면|wednesday|금요일|나가면|마지막|목요일|수요일|월요일|이벤트|일요일|토요일|화요일|birthday|saturday|thursday|expires|tuesday|before|enters|friday|joined|leaves|monday|sunday|가입|만료|말일|매번|매월|매일|매주|방문|생일|이탈|정각|주문|진입|after|below|event|every|first|order|visit|where|last|단|뒤|전|첫|후|at)%([0-9A-Za-z_-]|[^\x00-\x7F]|\.[A-Za-z]|\.[^\x00-\x7F])@!"
syntax match dangolClause "\v%([0-9A-Za-z_-]|[^\x00-\x7F]|\.)@4<!%(번호당\s+한\s+번|one\s+per\s+address|first\s+come|한\s+번만|늦어도|비교군|선착순|옛이름|재발송|measures|restarts|holdout|purpose|한\s+번|resend|광고|다시|만약|모두|목적|목표|시작|언제|정보|제한|조건|측정|한번|again|limit|goal|info|late|once|when|all|off|per|was|끔|당|켬|ad|if|on)%([0-9A-Za-z_-]|[^\x00-\x7F]|\.[A-Za-z]|\.[^\x00-\x7F])@!"
syntax match dangolDeclaration "\v%([0-9A-Za-z_-]|[^\x00-\x7F]|\.)@4<!%(예아니오|코드파일|고객군|항목들|discount|minimum|segment|coupon|fields|number|sealed|규칙|금액|까지|날짜|봉인|사용|숫자|시각|유효|재고|증정|최소|코드|쿠폰|할인|codes|money|stock|until|valid|yesno|code|date|gift|rule|text|time|uses|글)%([0-9A-Za-z_-]|[^\x00-\x7F]|\.[A-Za-z]|\.[^\x00-\x7F])@!"
syntax match dangolReserved "\v%([0-9A-Za-z_-]|[^\x00-\x7F]|\.)@4<!%(next\s+order|best\s+time|recommend)%([0-9A-Za-z_-]|[^\x00-\x7F]|\.[A-Za-z]|\.[^\x00-\x7F])@!"
syntax match dangolPath "\v%([0-9A-Za-z_-]|[^\x00-\x7F])+%(\.%([A-Za-z]|[^\x00-\x7F])%([0-9A-Za-z_-]|[^\x00-\x7F])*)+"
syntax match dangolName "\v%([0-9A-Za-z_-]|[^\x00-\x7F]|\.)@4<!%(reservation[.]cancelled|reservation[.]changed|장바구니[.]개수|장바구니[.]금액|장바구니[.]담기|장바구니[.]빼기|주문[.]배송완료|reservation[.]noshow|consent[.]withdrawn|customer[.]language|message[.]delivered|checkout[.]started|customer[.]updated|reservation[.]made|고객[.]이메일|메시지[.]답장|메시지[.]도착|메시지[.]발송|메시지[.]실패|메시지[.]클릭|주문[.]마지막|페이지[.]조회|coupon[.]redeemed|customer[.]gender|customer[.]joined|message[.]clicked|message[.]replied|order[.]cancelled|order[.]delivered|product[.]updated|customer[.]email|customer[.]grade|customer[.]phone|friend[.]blocked|message[.]failed|order[.]refunded|orders[.]average|product[.]viewed|consent[.]given|customer[.]city|customer[.]left|customer[.]name|order[.]shipped|review[.]posted|stock[.]changed|결제[.]시작|고객[.]나이|고객[.]등급|고객[.]성별|고객[.]언어|고객[.]이름|고객[.]전화|고객[.]지역|동의[.]받음|동의[.]철회|상품[.]변경|상품[.]조회|예약[.]변경|예약[.]부도|예약[.]접수|예약[.]취소|재고[.]변경|주문[.]결제|주문[.]금액|주문[.]발송|주문[.]접수|주문[.]취소|주문[.]평균|주문[.]환불|주문[.]횟수|친구[.]차단|친구[.]추가|쿠폰[.]사용|회원[.]가입|회원[.]변경|회원[.]탈퇴|후기[.]작성|cart[.]removed|customer[.]age|friend[.]added|message[.]sent|order[.]placed|orders[.]count|orders[.]first|orders[.]total|orders[.]last|page[.]viewed|search[.]made|cart[.]added|cart[.]count|cart[.]total|order[.]paid|주문[.]첫|검색|방문|visit)%([0-9A-Za-z_-]|[^\x00-\x7F]|\.[A-Za-z]|\.[^\x00-\x7F])@!"
syntax match dangolUnit contained "\v%(minutes|before|minute|months|within|개월|까지|넘음|동안|마다|미만|시간|안에|이내|이상|이전|이하|이후|주일|지남|초과|after|hours|month|until|weeks|years|days|hour|week|year|day|won|개|년|달|뒤|만|명|번|분|에|원|일|전|주|회|후|[%])%(%(minutes|before|minute|months|within|개월|까지|넘음|동안|마다|미만|시간|안에|이내|이상|이전|이하|이후|주일|지남|초과|after|hours|month|until|weeks|years|days|hour|week|year|day|won|개|년|달|뒤|만|명|번|분|에|원|일|전|주|회|후|[%])|%([0-9A-Za-z_-]|[^\x00-\x7F])@!)@=" nextgroup=dangolUnit skipwhite
syntax match dangolNumber "\v%([0-9A-Za-z_-]|[^\x00-\x7F])@4<!\d[0-9_]*%(,\d\d\d)*%(\.\d+)?" nextgroup=dangolUnit skipwhite
syntax match dangolNumber "\v<\d+%(st|nd|rd|th)>|\d+번째마다"
syntax match dangolDate "\v<\d{4}-\d\d-\d\d>|<\d\d?:\d\d>"
syntax match dangolDate "\v%(%(오전|오후)\s*)?\d\d?시%(간)@!%(\s*\d\d?분)?"
syntax match dangolCompare "\v[!<>]\=|[=<>]"
syntax match dangolEscape contained "\\[\"\\n]"
syntax region dangolString start=+"+ skip=+\\.+ end=+"+ oneline contains=dangolEscape
syntax match dangolComment "#.*$" contains=@Spell

highlight default link dangolComment Comment
highlight default link dangolString String
highlight default link dangolEscape SpecialChar
highlight default link dangolNumber Number
highlight default link dangolDate Number
highlight default link dangolUnit Type
highlight default link dangolPath Identifier
highlight default link dangolName Special
highlight default link dangolCompare Operator
highlight default link dangolUnitWord Type
highlight default link dangolCondition Operator
highlight default link dangolStep Function
highlight default link dangolTrigger Conditional
highlight default link dangolClause Statement
highlight default link dangolDeclaration Structure
highlight default link dangolReserved Error

let b:current_syntax = "dangol"
