/* dom/order.h - numbers of elements, by which libxml2 puts nodes in order */
#ifndef DOM_ORDER_H
#define DOM_ORDER_H

#include <libxml/tree.h>

/* Take away those numbers of xmlXPathOrderDocElems() that libxml2 2.9 draws
 * wrong conclusions from. */
void order_mend(xmlDoc *doc);

#endif
