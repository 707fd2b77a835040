# make demo    installs what is missing, builds, trains on rendered faces, evaluates, plots
# make check   installs what the tests need too, runs all of them
# make         builds;  make asan, lint, install, uninstall, clean as usual
#
# Sources are found by their place: every libcore/*/*.c is in the library, every cmd/*.c but
# cli.c is a tool of that name, every tests/unit/test_*.c is a test program. So adding a file
# needs no line here.

VERSION := 0.1.0
Q       := $(if $(V),,@)
B       ?= build
PREFIX  ?= /usr/local
CFLAGS  ?= -O3 -g
WARN    := -Wall -Wextra -Wshadow -Wconversion -Wno-sign-conversion -Wstrict-prototypes \
           -Wmissing-prototypes -Wvla -Wno-float-conversion
LIBS    := zlib libarchive openblas libturbojpeg libpng jansson

# Lazy, because `make check` on a bare machine starts before pkg-config is there.
PKG_CFLAGS = $(shell pkg-config --cflags $(LIBS))
PKG_LIBS   = $(shell pkg-config --libs $(LIBS))
ALL_CFLAGS = -std=c11 -D_POSIX_C_SOURCE=200809L -D_DEFAULT_SOURCE -DVERSION='"$(VERSION)"' \
             -Ilibcore -MMD -MP -fno-math-errno -fno-trapping-math -fopenmp-simd -pthread \
             $(WARN) $(CPPFLAGS) $(CFLAGS) $(PKG_CFLAGS) $(SANITIZE)
ALL_LIBS   = -Wl,--as-needed $(PKG_LIBS) -lm -pthread

LIB_SRC  := $(wildcard libcore/*/*.c)
TOOL_SRC := $(filter-out cmd/cli.c,$(wildcard cmd/*.c))
UNIT_SRC := $(wildcard tests/unit/test_*.c)
LIB_OBJ  := $(LIB_SRC:%.c=$(B)/%.o)
DBL_OBJ  := $(LIB_SRC:%.c=$(B)/double/%.o)
TOOLS    := $(TOOL_SRC:cmd/%.c=$(B)/bin/%)
UNITS    := $(UNIT_SRC:tests/unit/%.c=$(B)/unit/%)

.DELETE_ON_ERROR:
.SECONDARY:
.PHONY: all tools units

all: tools
tools: $(TOOLS)
units: $(UNITS)

$(B)/%.o: %.c
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -c -o $@ $<

# The library once more with real = double: numeric gradients are taken with it.
$(B)/double/%.o: %.c
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -DREAL_DOUBLE -c -o $@ $<

$(B)/libcore.a: $(LIB_OBJ)
$(B)/libcore-double.a: $(DBL_OBJ)
$(B)/%.a:
	$(Q)rm -f $@
	$(Q)$(AR) rcs $@ $^

$(B)/bin/%: $(B)/cmd/%.o $(B)/cmd/cli.o $(B)/libcore.a
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $^ $(ALL_LIBS)

# tests/unit/test_X_double.c is linked with the library in double.
$(B)/tests/unit/%_double.o: ALL_CFLAGS += -DREAL_DOUBLE
$(B)/unit/%_double: $(B)/tests/unit/%_double.o $(B)/libcore-double.a
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $^ $(ALL_LIBS)
$(B)/unit/%: $(B)/tests/unit/%.o $(B)/libcore.a
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $^ $(ALL_LIBS)

-include $(shell find $(B) -name '*.d' 2>/dev/null)
