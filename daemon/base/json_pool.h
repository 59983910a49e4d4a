/* Memory for JSON trees that live for a moment: parsed, read, dropped, thousands a
 * second. Between begin and end Jansson takes its memory from one block, which begins
 * anew when all that it gave has come back; beyond it, and outside, from the heap. */
#ifndef DANGOL_JSON_POOL_H
#define DANGOL_JSON_POOL_H

/* Both for the loop's thread alone; so is the release of a tree that was parsed between.
 */
void json_pool_begin(void);
void json_pool_end(void);

#endif
