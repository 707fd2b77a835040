# make demo    installs what is missing, builds, trains on rendered faces, evaluates, plots
# make check   installs what the tests need too, runs all of them
#              (T=stream: only those with "stream" in their name)
# make         builds;  make clean forgets what was built
# make asan    the same tests under AddressSanitizer and UndefinedBehaviorSanitizer
# make fuzz    mutates streams for longer than the tests do (RUNS=N, SEED=N)
# make fuzz-coverage  the same guided by coverage, SECONDS=60 each, into CORPUS; which lines of the readers they reach
# make interruptions  interrupts a training N=100 times, which must change no byte
# make fault   lets every allocation and every system call of every tool fail in turn, and kills it there (N=100: so
#              many of each, evenly spread); has all that is read and written come by halves; KILLS=1000 at random
# make check-torch  compares nets and training with PyTorch, where it is installed (/usr/bin/python3)
# make lint    clang-format, cppcheck, mandoc, groff, shellcheck
# make install, uninstall    PREFIX=/usr/local, DESTDIR=
# make dist, deb    the sources as an archive; packages for Debian, in build/deb
# make check-deb    these checked, built twice, installed in a bare Debian, used and purged
#
# Sources are found by their place: every libcore/*/*.c is in the library, every cmd/*.c is a tool of
# that name (with cmd/TOOL/*.c, where it has parts, and cmd/cli/*.c, which all have), every cmd/*.sh
# one that is a script (with what is in cmd/TOOL, which it finds in ../share/npcface/TOOL), every
# tests/unit/test_*.c and tests/fuzz/fuzz_*.c is a test program, every tests/*.bats a test, every
# man/*.N a page. So adding a file needs no line here.

VERSION := 0.1.0
OBJCOPY ?= objcopy
Q       := $(if $(V),,@)
B       ?= build
PREFIX  ?= /usr/local
bindir        = $(PREFIX)/bin
libdir        = $(PREFIX)/lib
includedir    = $(PREFIX)/include
mandir        = $(PREFIX)/share/man
completiondir = $(PREFIX)/share/bash-completion/completions
zshdir        = $(PREFIX)/share/zsh/vendor-completions
datadir       = $(PREFIX)/share/npcface
CFLAGS  ?= -O3 -g
# Clang tells of loops that it does not vectorise, as those with calls, and of vectors that are passed
# to functions, all of which are inlined.
WARN    := -Wall -Wextra -Wshadow -Wconversion -Wno-sign-conversion -Wstrict-prototypes \
           -Wmissing-prototypes -Wvla -Wno-float-conversion -Wno-enum-float-conversion \
           -Wno-pass-failed -Wno-psabi
JOBS    ?= 2
# protobuf-c's own is on its way out, and says so, but may be the only one.
PROTOC  ?= $(if $(shell command -v protoc 2>&1),protoc,protoc-c)
LIBS    := zlib libdeflate libarchive openblas libjpeg libturbojpeg libpng libwebp libwebpdemux \
           libtiff-4 jansson libprotobuf-c

# Debian packages, by what needs them; pipelines/need-packages installs those that are missing.
BUILD_DEPS := gcc libc6-dev pkg-config zlib1g-dev libdeflate-dev libarchive-dev \
              libopenblas-pthread-dev libjpeg62-turbo-dev libturbojpeg0-dev libpng-dev \
              libwebp-dev libgif-dev libtiff-dev libheif-dev libjansson-dev \
              libprotobuf-c-dev protobuf-c-compiler protobuf-compiler libdnnl-dev
DEMO_DEPS  := gnuplot-nox
CHECK_DEPS := bats g++ perl procps zsh strace mandoc python3 python3-pil libopenmpi-dev openmpi-bin $(DEMO_DEPS)
DEB_DEPS   := debhelper dpkg-dev fakeroot lintian mpi-default-dev
LINT_DEPS  := clang-format cppcheck groff-base mandoc shellcheck

# Lazy, because `make check` on a bare machine starts before pkg-config is there.
PKG_CFLAGS = $(shell pkg-config --cflags $(LIBS))
PKG_LIBS   = $(shell pkg-config --libs $(LIBS))
ALL_CFLAGS = -std=c11 -D_POSIX_C_SOURCE=200809L -D_DEFAULT_SOURCE -DVERSION='"$(VERSION)"' \
             -Ilibcore -Icmd -I$(B)/proto -MMD -MP -fno-math-errno -fno-trapping-math -fopenmp-simd -pthread \
             -fPIC -fvisibility=hidden \
             $(WARN) $(CPPFLAGS) $(CFLAGS) $(PKG_CFLAGS) $(SANITIZE)
ALL_LIBS   = -Wl,--as-needed $(PKG_LIBS) $(OTHER_LIBS) -lm -pthread

# oneDNN where the compiler finds it; ONEDNN= builds without. Debian's package of version 2 tells
# pkg-config nothing.
ONEDNN    ?= $(shell printf '\043include <oneapi/dnnl/dnnl.h>' | $(CC) $(CPPFLAGS) -E - >/dev/null 2>&1 && echo yes)
# The same of libheif (HEIC and AVIF), with HEIF=. giflib is there, but unknown to pkg-config.
HEIF      ?= $(shell pkg-config --exists libheif && echo yes)
# MPI's compiler, Open MPI's or MPICH's; MPI= builds without the module for several processes.
MPICC     ?= mpicc
MPI       ?= $(shell $(MPICC) -show >/dev/null 2>&1 && echo yes)
OTHER_LIBS = -lgif $(if $(ONEDNN),-ldnnl -lgomp) $(if $(HEIF),-lheif)

LIB_SRC  := $(wildcard libcore/*/*.c)
TOOL_SRC := $(wildcard cmd/*.c)
UNIT_SRC := $(wildcard tests/unit/test_*.c)
PROTO    := $(wildcard libcore/*/*.proto)
PROTO_H  := $(PROTO:libcore/%.proto=$(B)/proto/%.pb-c.h)
PROTO_O  := $(PROTO:libcore/%.proto=$(B)/proto/%.pb-c.o)
LIB_OBJ  := $(LIB_SRC:%.c=$(B)/%.o) $(PROTO_O)
FUZZ_SRC := $(wildcard tests/fuzz/fuzz_*.c)
DBL_OBJ  := $(LIB_SRC:%.c=$(B)/double/%.o) $(PROTO_O)
PART_SRC := $(wildcard cmd/*/*.c)
SCRIPTS  := $(patsubst cmd/%.sh,$(B)/bin/%,$(wildcard cmd/*.sh))
TOOLS    := $(TOOL_SRC:cmd/%.c=$(B)/bin/%) $(SCRIPTS)
UNITS    := $(UNIT_SRC:tests/unit/%.c=$(B)/unit/%)
FAULTS   := $(patsubst tests/fault/%.c,$(B)/tests/fault-%.so,$(wildcard tests/fault/*.c))
MODULES   = $(if $(MPI),$(B)/lib/npcface/npcface-mpi.so)
FUZZERS  := $(FUZZ_SRC:tests/fuzz/%.c=$(B)/fuzz/%)

# What reads bytes that others wrote, and so is fuzzed. Fuzzers are always built with sanitizers.
FUZZED   := $(filter $(addprefix $(B)/libcore/,base/% stream/% source/% image/% format/% lists/% \
             scores/% verify/% identify/% product/% layers/% comm/% nn/% onnx/% \
             model/%),$(LIB_OBJ)) $(PROTO_O)
ASAN_B   := $(patsubst %/asan/asan,%/asan,$(B)/asan)
ASAN     := B=$(ASAN_B) CFLAGS="-O1 -g -fno-omit-frame-pointer" \
            SANITIZE="-fsanitize=address,undefined -fno-sanitize-recover=all -DNO_CLONES"

# make again, after what it needs was installed; two jobs at a time unless -j said otherwise
AGAIN     = $(MAKE) --no-print-directory $(if $(V),,-s) $(if $(filter -j% --jobserver%,$(MAKEFLAGS)),,-j$(JOBS))

.DELETE_ON_ERROR:
.SECONDARY:
.PHONY: all check-torch fuzz-coverage fault interruptions tools units fuzzers programs deps check-deps lint-deps deb-deps dist deb check-deb demo check asan fuzz lint \
        install uninstall clean

all: tools
tools: $(TOOLS) $(MODULES)
units: $(UNITS)
fuzzers: $(FUZZERS)

deps:
	$(Q)pipelines/need-packages $(BUILD_DEPS) $(DEMO_DEPS)
check-deps:
	$(Q)pipelines/need-packages $(BUILD_DEPS) $(CHECK_DEPS)
deb-deps:
	$(Q)pipelines/need-packages $(BUILD_DEPS) $(DEB_DEPS)
lint-deps:
	$(Q)pipelines/need-packages $(BUILD_DEPS) $(LINT_DEPS)

demo: deps
	+$(Q)$(AGAIN) all
	+$(Q)$(MAKE) --no-print-directory -f pipelines/demo.mk

check: check-deps
	+$(Q)$(AGAIN) programs
	+$(Q)$(AGAIN) $(ASAN) fuzzers
	$(Q)tests/run -j $(JOBS) $(B) $(ASAN_B)/fuzz $(T)

asan: check-deps
	+$(Q)$(AGAIN) $(ASAN) check

fuzz: check-deps
	+$(Q)$(AGAIN) $(ASAN) fuzzers
	$(Q)for f in $(FUZZ_SRC:tests/fuzz/%.c=$(ASAN_B)/fuzz/%); do \
	    echo "$$f"; "$$f" $(or $(RUNS),1000000) $(or $(SEED),$$(date +%s)) || exit 1; done

# Guided by coverage, SECONDS of each fuzzer; what they found of use stays in CORPUS. clang's libFuzzer is C++ inside.
GUIDED    = CC=clang LDFLAGS="-Wl,-u,LLVMFuzzerRunDriver $$(clang -print-runtime-dir)/libclang_rt.fuzzer_no_main-$$(uname -m).a -lstdc++" CFLAGS="-O1 -g -Wno-pass-failed"
fuzz-coverage: check-deps
	$(Q)pipelines/need-packages clang llvm $$(clang --version 2>/dev/null | sed -n 's/.*version \([0-9]*\).*/libclang-rt-\1-dev/p')
	+$(Q)$(AGAIN) B=$(B)/guided $(GUIDED) \
	    SANITIZE="-fsanitize=address,undefined,fuzzer-no-link -fno-sanitize-recover=all -DNO_CLONES -DFUZZ_GUIDED" fuzzers
	+$(Q)$(AGAIN) B=$(B)/measured $(GUIDED) \
	    SANITIZE="-fprofile-instr-generate -fcoverage-mapping -DNO_CLONES -DFUZZ_GUIDED" fuzzers
	$(Q)tests/fuzz/coverage $(B)/guided $(B)/measured $(or $(CORPUS),$(B)/corpus) $(or $(SECONDS),60) $(T)

# A training that is interrupted N times at any moment, 100 unless told otherwise.
interruptions: check-deps
	+$(Q)$(AGAIN) all units $(B)/libcore.a
	$(Q)INTERRUPTIONS=$(or $(N),100) tests/run $(B) $(ASAN_B)/fuzz npc-train-interrupted

fault: check-deps
	+$(Q)$(AGAIN) all $(FAULTS)
	$(Q)tests/fault/allocations $(B) $(N)
	$(Q)tests/fault/calls $(B) $(N)
	$(Q)tests/fault/short $(B)
	$(Q)tests/fault/kills $(B) $(or $(KILLS),1000)

check-torch: deps
	+$(Q)$(AGAIN) all
	+$(Q)if /usr/bin/python3 -c 'import torch' 2>/dev/null; then \
	    $(MAKE) --no-print-directory -f pipelines/bench-net.mk check-torch; \
	else echo "check-torch: skipped, /usr/bin/python3 has no torch (package python3-torch)"; fi

# The Makefile, because what was compiled with other flags may not link with the rest.
$(B)/%.o: %.c Makefile
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -c -o $@ $<

# What protobuf-c makes of a .proto, included as "onnx/onnx.pb-c.h". It is not ours to warn about.
$(B)/proto/%.pb-c.c $(B)/proto/%.pb-c.h: libcore/%.proto
	@mkdir -p $(@D)
	$(Q)$(PROTOC) --proto_path=libcore --c_out=$(B)/proto $<
$(B)/proto/%.o: $(B)/proto/%.c Makefile
	$(Q)$(CC) $(ALL_CFLAGS) -DNDEBUG -w -c -o $@ $<
$(filter-out $(PROTO_O),$(LIB_OBJ) $(DBL_OBJ)): | $(PROTO_H)

# The library once more with real = double: numeric gradients are taken with it.
$(B)/double/%.o: %.c Makefile
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -DREAL_DOUBLE -c -o $@ $<

# Multiplications and additions fuse, which -std=c11 forbids: half the instructions of a sum of products,
# and one rounding less. Clang's "fast" fuses what its vectoriser leaves over, which in the last numbers
# of an array is something else than before them: so what a process gets would depend on where its part
# of the array ends. "on", which gcc lacks, fuses within an expression, everywhere alike.
FUSE = -ffp-contract=$(if $(findstring clang,$(shell $(CC) --version)),on,fast)
$(B)/libcore/layers/%.o $(B)/libcore/head/%.o $(B)/libcore/product/%.o: ALL_CFLAGS += $(FUSE)

$(B)/libcore/product/%.o: ALL_CFLAGS += $(if $(ONEDNN),-DHAVE_ONEDNN)
$(B)/libcore/image/%.o: ALL_CFLAGS += $(if $(HEIF),-DHAVE_HEIF)

# The renderer's clamps vectorise only where the compiler knows that there is no NaN and no -0.
$(B)/libcore/synth/%.o $(B)/double/libcore/synth/%.o: \
    ALL_CFLAGS += -ffinite-math-only -fno-signed-zeros

# The library for others: what the public headers declare (base/api.h) and libcore/npcface.map lists
# is seen of it. Of the archive one object is made, in which all other names are local.
SONAME := libnpcface.so.0
$(B)/$(SONAME): libcore/npcface.map $(LIB_OBJ)
	$(Q)$(CC) $(ALL_CFLAGS) $(LDFLAGS) -shared -Wl,-soname,$(SONAME) -Wl,-z,defs \
	    -Wl,--version-script=libcore/npcface.map -o $@ $(LIB_OBJ) $(ALL_LIBS)
$(B)/libnpcface.a: libcore/npcface.map $(LIB_OBJ)
	$(Q)$(LD) -r -o $(B)/npcface.o $(LIB_OBJ)
	$(Q)sed -n 's/^    \(.*[^*]\);$$/\1/p' libcore/npcface.map > $(B)/npcface.symbols
	$(Q)$(OBJCOPY) --keep-global-symbols=$(B)/npcface.symbols $(B)/npcface.o
	$(Q)rm -f $@
	$(Q)$(AR) rcs $@ $(B)/npcface.o

# What training over several processes loads. It needs nothing of the library but a header. mpicc
# compiles with a compiler of its own choice otherwise.
$(B)/lib/npcface/npcface-mpi.so: libcore/comm/mpi/module.c libcore/comm/transport_internal.h Makefile
	@mkdir -p $(@D)
	$(Q)OMPI_CC="$(CC)" MPICH_CC="$(CC)" $(MPICC) -std=c11 -D_POSIX_C_SOURCE=200809L -Ilibcore \
	    -pthread -fPIC -fvisibility=hidden $(WARN) $(CPPFLAGS) $(CFLAGS) $(LDFLAGS) -shared -o $@ $<

$(B)/libcore.a: $(LIB_OBJ)
$(B)/libcore-double.a: $(DBL_OBJ)
$(B)/%.a:
	$(Q)rm -f $@
	$(Q)$(AR) rcs $@ $^

.SECONDEXPANSION:
parts_of = $(patsubst %.c,$(B)/%.o,$(filter cmd/$(1)/%,$(PART_SRC)))
$(B)/bin/%: $(B)/cmd/%.o $$(call parts_of,$$*) $$(call parts_of,cli) $(B)/libcore.a
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $^ $(ALL_LIBS)

$(SCRIPTS): $(B)/bin/%: cmd/%.sh $$(wildcard cmd/$$*/*) Makefile
	@mkdir -p $(@D)
	$(Q)for f in $(wildcard cmd/$*/*); do \
	    install -D -m 644 $$f $(B)/share/npcface/$${f#cmd/} || exit 1; done
	$(Q)sed 's/@VERSION@/$(VERSION)/' $< > $@
	$(Q)chmod 755 $@

# What the benchmarks in pipelines/ measure with; built when they ask for it.
$(B)/bench/%: $(B)/pipelines/bench/%.o $(B)/libcore.a
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $^ $(ALL_LIBS)

BENCHES := $(patsubst pipelines/%.c,$(B)/%,$(if $(MPI),$(wildcard pipelines/bench/*.c), \
               $(filter-out %/mpi-sum.c,$(wildcard pipelines/bench/*.c))))

# All that the tests run but the fuzzers
programs: all units $(B)/libcore.a $(B)/libnpcface.a $(B)/$(SONAME) $(FAULTS) $(BENCHES)

# This one calls MPI itself.
$(B)/pipelines/bench/mpi-sum.o: override CC := OMPI_CC="$(CC)" MPICH_CC="$(CC)" $(MPICC)
$(B)/bench/mpi-sum: private override CC := OMPI_CC="$(CC)" MPICH_CC="$(CC)" $(MPICC)

# tests/unit/test_X_double.c is linked with the library in double.
$(B)/tests/unit/%_double.o: ALL_CFLAGS += -DREAL_DOUBLE
$(B)/unit/%_double: $(B)/tests/unit/%_double.o $(B)/libcore-double.a
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $^ $(ALL_LIBS)
$(B)/unit/%: $(B)/tests/unit/%.o $(B)/libcore.a
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $^ $(ALL_LIBS)

# Preloaded, so without a sanitizer.
$(B)/tests/fault-%.so: tests/fault/%.c
	@mkdir -p $(@D)
	$(Q)$(CC) -std=c11 -O1 -Wall -Wextra -shared -fPIC -o $@ $< -ldl

$(B)/fuzz/%: $(B)/tests/fuzz/%.o $(FUZZED)
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $^ $(ALL_LIBS)

# Every finding is an error. What cppcheck is not asked: it takes a reader that is handed on in a
# compound literal for a leak, an array that is filled in or initialised for an uninitialised one,
# and log(0) for a mistake; gcc defines what it calls implementation-defined.
QUIETLY   := $(addprefix --suppress=,missingIncludeSystem memleak legacyUninitvar ctuuninitvar \
             invalidFunctionArg shiftTooManyBitsSigned invalidPointerCast)
LINT_C    := $(wildcard cmd/*.[ch] cmd/*/*.[ch] libcore/*/*.[ch] libcore/*/*/*.c tests/unit/*.[ch] tests/fuzz/*.[ch] \
             tests/fault/*.c pipelines/bench/*.c)
LINT_SH   := $(wildcard .ci/run cmd/*.bash cmd/*.sh cmd/*/*.bash pipelines/*.sh pipelines/cluster/*.slurm \
             pipelines/need-packages pipelines/bench/two-hosts tests/run tests/fault/allocations tests/fault/calls \
             tests/fault/short tests/fault/kills tests/fuzz/coverage tests/deb/run tests/compilers tests/environments tests/*.bash tests/*.bats)
LINT_MAN  := $(wildcard man/*.[1-9])
lint: lint-deps
	$(Q)clang-format --dry-run -Werror $(LINT_C)
	@mkdir -p $(B)/cppcheck
	$(Q)cppcheck -q -j $(JOBS) --cppcheck-build-dir=$(B)/cppcheck --error-exitcode=1 \
	    --enable=warning,performance,portability --inline-suppr --std=c11 \
	    -Ilibcore -DVERSION='""' -D__x86_64__ -D__cppcheck__ -UREAL_DOUBLE $(QUIETLY) \
	    --template='{file}:{line}: {severity}: {message} [{id}]' $(LIB_SRC) $(wildcard cmd/*.c cmd/*/*.c)
	$(Q)mandoc -T lint -W warning $(LINT_MAN)
	$(Q)! groff -mandoc -T utf8 -ww -z $(LINT_MAN) 2>&1 | grep .
	$(Q)shellcheck $(LINT_SH)

PAGES     := $(wildcard man/*.[1-9])
PIPELINES := $(wildcard pipelines/*.* pipelines/need-packages pipelines/bench/* pipelines/cluster/* pipelines/heads/* \
             pipelines/paper/* pipelines/tune/*)
# Where the tools look for it, seen from themselves
moduledir  = $(PREFIX)/lib/npcface
HEADERS := $(filter-out %_internal.h,$(wildcard libcore/*/*.h))
install: tools $(B)/libnpcface.a $(B)/$(SONAME)
	install -d $(DESTDIR)$(bindir) $(DESTDIR)$(libdir)/pkgconfig \
	    $(DESTDIR)$(completiondir)
	install -m 755 $(TOOLS) $(DESTDIR)$(bindir)
	install -m 644 $(B)/libnpcface.a $(B)/$(SONAME) $(DESTDIR)$(libdir)
	$(if $(MODULES),install -D -m 644 $(MODULES) $(DESTDIR)$(moduledir)/npcface-mpi.so)
	ln -sf $(SONAME) $(DESTDIR)$(libdir)/libnpcface.so
	for h in $(HEADERS:libcore/%=%); do \
	    install -D -m 644 libcore/$$h $(DESTDIR)$(includedir)/npcface/$$h || exit 1; done
	for p in $(PAGES); do \
	    install -D -m 644 $$p $(DESTDIR)$(mandir)/man$${p##*.}/$${p#man/} || exit 1; done
	sed -e 's|@PREFIX@|$(PREFIX)|; s|@VERSION@|$(VERSION)|; s|@LIBS@|$(LIBS)|' \
	    -e 's|@OTHERS@|$(OTHER_LIBS)|' npcface.pc.in \
	    > $(DESTDIR)$(libdir)/pkgconfig/npcface.pc
	install -m 644 cmd/completion.bash $(DESTDIR)$(completiondir)/npcface
	for t in $(notdir $(TOOLS)); do ln -sf npcface $(DESTDIR)$(completiondir)/$$t || exit 1; done
	install -D -m 644 cmd/completion.zsh $(DESTDIR)$(zshdir)/_npcface
	for f in $(foreach s,$(SCRIPTS),$(wildcard cmd/$(notdir $s)/*)); do \
	    install -D -m 644 $$f $(DESTDIR)$(datadir)/$${f#cmd/} || exit 1; done
	for f in $(PIPELINES); do \
	    mode=644; [ ! -x $$f ] || mode=755; \
	    install -D -m $$mode $$f $(DESTDIR)$(datadir)/$$f || exit 1; done

uninstall:
	rm -f $(TOOLS:$(B)/bin/%=$(DESTDIR)$(bindir)/%)
	rm -f $(foreach p,$(PAGES),$(DESTDIR)$(mandir)/man$(subst .,,$(suffix $p))/$(notdir $p))
	rm -f $(addprefix $(DESTDIR)$(completiondir)/,npcface $(notdir $(TOOLS)))
	rm -f $(DESTDIR)$(libdir)/pkgconfig/npcface.pc
	rm -f $(addprefix $(DESTDIR)$(libdir)/,libnpcface.a $(SONAME) libnpcface.so)
	rm -f $(DESTDIR)$(zshdir)/_npcface
	rm -rf $(DESTDIR)$(includedir)/npcface $(DESTDIR)$(moduledir) $(DESTDIR)$(datadir)

# The sources, as they are committed, and Debian packages made of them in $(B)/deb
DIST  := npcface-$(VERSION)
dist:
	@mkdir -p $(B)
	git archive --prefix=$(DIST)/ HEAD | gzip -n -9 > $(B)/$(DIST).tar.gz
deb: dist deb-deps
	rm -rf $(B)/deb
	mkdir -p $(B)/deb
	tar -xzf $(B)/$(DIST).tar.gz -C $(B)/deb
	cd $(B)/deb/$(DIST) && env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL dpkg-buildpackage -us -uc -j$(JOBS)
check-deb: deb
	$(Q)tests/deb/run $(B)

clean:
	rm -rf $(B)

-include $(shell find $(B) -name '*.d' 2>/dev/null)
