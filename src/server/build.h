/* server/build.h - a configuration's sites as routes */
#ifndef SERVER_BUILD_H
#define SERVER_BUILD_H

#include "conf/conf.h"
#include "page/route.h"
#include "page/skin.h"

/* Give the routes of conf. Upstreams and skins that ran before (those of
 * `before`, may be NULL) go on when their options are the same, with their
 * health and live versions. Errors name what cannot be; nothing changed then.*/
CHECKED int build_routes(struct routes **out, const struct conf *conf,
    struct skins *skins, struct routes *before, struct err *err);

#endif
