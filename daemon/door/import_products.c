/* Rows of products. */
#include "base/log.h"
#include "base/text.h"
#include "door/import.h"
#include "store/product.h"

enum { SKU, NAME, CATEGORY, PRICE, STOCK, URL, IMAGE };

static const struct import_field fields[] = {
        [SKU] = {"sku", "상품코드|품번|상품번호|품목코드|자체상품코드"},
        [NAME] = {"name", "상품명|품명|이름|상품이름"},
        [CATEGORY] = {"category", "분류|카테고리|상품분류"},
        [PRICE] = {"price", "가격|단가|판매가"},
        [STOCK] = {"stock", "재고|재고수량"},
        [URL] = {"url", "주소|링크|상품주소"},
        [IMAGE] = {"image", "이미지|사진|대표이미지"},
        {NULL, NULL},
};

static void amount(struct import *import, int field, bool *has, int64_t *out)
{
	const char *cell = import_cell(import, field);
	if (!cell)
		return;
	*has = text_money(cell, out) == 0 && *out >= 0;
	if (!*has)
		import_leave_out(
		        import, field, TR("this is no whole number", "정수가 아닙니다"));
}

static void row(struct import *import)
{
	struct product product = {.sku = import_cell(import, SKU),
	        .name = import_cell(import, NAME),
	        .category = import_cell(import, CATEGORY),
	        .url = import_cell(import, URL),
	        .image = import_cell(import, IMAGE)};
	if (!product.sku || import_spoilt(product.sku)) {
		import_refuse(import, import->line, "%s",
		        product.sku
		                ? TR("sku: a spreadsheet has shortened this number; "
		                     "format the column as text",
		                          "sku: 스프레드시트가 숫자를 줄여 놓았습니다. "
		                          "열을 텍스트로 바꾸어 주세요")
		                : TR("the row names no product", "상품코드가 없습니다"));
		return;
	}
	amount(import, PRICE, &product.has_price, &product.price);
	amount(import, STOCK, &product.has_stock, &product.stock);
	import_product(import, &product);
	import->accepted++;
}

const struct import_kind import_products = {"products", fields, row, NULL, false};
