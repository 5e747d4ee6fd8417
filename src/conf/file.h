/* conf/file.h - the configuration file, read into a struct conf */
#ifndef CONF_FILE_H
#define CONF_FILE_H

#include "conf/conf.h"
#include "conf/mistake.h"

/* Fill in conf, which has its defaults. All mistakes are told. */
void file_read(struct conf *conf, const char *path, struct mistakes *mistakes);

#endif
