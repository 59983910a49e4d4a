# dangol: `make demo` and `make check` each set up, build and do their job on a bare Debian 12.
BUILD ?= build
PREFIX ?= /usr/local
VERSION := 0.1.0
# How long each fuzz target runs.
FUZZ_SECONDS ?= 10
CC ?= gcc

# What a machine needs; demo and check install what is missing.
PACKAGES := pkgconf libuv1-dev libcurl4-openssl-dev libesmtp-dev libgmime-3.0-dev libsqlite3-dev libjansson-dev \
	libicu-dev libssl-dev libsodium-dev libsystemd-dev libqrencode-dev node-llhttp
TEST_PACKAGES := libcmocka-dev python3 python3-pytest python3-pytest-xdist python3-aiosmtpd python3-seccomp systemd mandoc openssl clang libclang-rt-14-dev \
	python3-selenium chromium chromium-driver fonts-noto-cjk zbar-tools python3-jsonschema nginx-light php-cli nodejs
BENCH_PACKAGES := postfix

LIBS := libuv libcurl sqlite3 jansson icu-i18n icu-uc libcrypto libsodium libsystemd libqrencode
MAIL_LIBS := gmime-3.0 libssl libcrypto libcurl jansson

WARN := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wformat=2 -Wno-format-nonliteral
CFLAGS ?= -O2 -g
comma := ,
SAN_FLAGS := $(if $(SAN),-fsanitize=address$(comma)undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer)
# Objects that a fuzz target watches: by clang, which has libFuzzer.
ifdef FUZZ
SAN_FLAGS := -fsanitize=fuzzer-no-link$(comma)address$(comma)undefined -fno-sanitize-recover=undefined
endif
ALL_CFLAGS = -std=c11 -D_GNU_SOURCE -DDANGOL_VERSION='"$(VERSION)"' $(WARN) $(CFLAGS) $(SAN_FLAGS) \
	-fstack-protector-strong -Idaemon -I/usr/share/include/llhttp -I/usr/share/include \
	$(shell pkg-config --cflags $(LIBS) 2>/dev/null)
ALL_LDFLAGS = $(LDFLAGS) $(SAN_FLAGS) -pthread -Wl,--as-needed -lm

SRC := $(filter-out daemon/dangold.c,$(wildcard daemon/*.c daemon/base/*.c daemon/store/*.c daemon/language/*.c \
	daemon/engine/*.c daemon/delivery/*.c daemon/delivery/provider/*.c daemon/door/*.c daemon/door/hook/*.c))
OBJ := $(SRC:%.c=$(BUILD)/%.o) $(BUILD)/llhttp/api.o $(BUILD)/llhttp/http.o $(BUILD)/llhttp/llhttp.o
MAIL_OBJ := $(patsubst %.c,$(BUILD)/%.o,$(filter-out %/dangol-mail.c,$(wildcard daemon/delivery/mail/*.c)))
CTL_OBJ := $(patsubst %.c,$(BUILD)/%.o,$(wildcard daemon/ctl/*.c))
PROGRAMS := $(BUILD)/dangold $(BUILD)/dangolctl $(BUILD)/dangol-mail
FUZZ_OBJ := $(patsubst %.c,$(BUILD)/%.o,$(wildcard daemon/base/*.c daemon/store/*.c daemon/language/*.c daemon/door/hook/*.c \
	daemon/door/scan.c))
FUZZERS := $(patsubst tests/fuzz/%.c,$(BUILD)/%,$(wildcard tests/fuzz/fuzz_*.c))
UNIT := $(patsubst tests/unit/%.c,$(BUILD)/tests/%,$(wildcard tests/unit/test_*.c))

all: $(PROGRAMS)

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	@echo "  CC    $<"
	@$(CC) $(ALL_CFLAGS) -MMD -MP -c $< -o $@
$(BUILD)/daemon/delivery/mail/%.o: ALL_CFLAGS += $(shell pkg-config --cflags $(MAIL_LIBS) 2>/dev/null)
# The description of the API is part of the program.
$(BUILD)/daemon/door/api_openapi.o: contrib/openapi.json
$(BUILD)/llhttp/%.o: /usr/share/llhttp/%.c
	@mkdir -p $(@D)
	@echo "  CC    $<"
	@$(CC) -O2 -g $(SAN_FLAGS) -I/usr/share/include/llhttp -I/usr/share/include -c $< -o $@
$(BUILD)/libdangol.a: $(OBJ)
	@rm -f $@
	@ar rcs $@ $^
$(BUILD)/dangold: $(BUILD)/daemon/dangold.o $(BUILD)/libdangol.a
	@echo "  LINK  $@"
	@$(CC) $(ALL_LDFLAGS) -o $@ $^ $(shell pkg-config --libs $(LIBS)) -lm
$(BUILD)/dangolctl: $(CTL_OBJ) $(BUILD)/libdangol.a
	@echo "  LINK  $@"
	@$(CC) $(ALL_LDFLAGS) -o $@ $^ $(shell pkg-config --libs $(LIBS)) -lm
$(BUILD)/dangol-mail: $(BUILD)/daemon/delivery/mail/dangol-mail.o $(MAIL_OBJ) $(BUILD)/libdangol.a
	@echo "  LINK  $@"
	@$(CC) $(ALL_LDFLAGS) -o $@ $^ -lesmtp $(shell pkg-config --libs $(MAIL_LIBS) $(LIBS)) -lm
$(BUILD)/tests/%: tests/unit/%.c $(MAIL_OBJ) $(BUILD)/libdangol.a
	@mkdir -p $(@D)
	@echo "  TEST  $@"
	@$(CC) $(ALL_CFLAGS) -Wno-missing-prototypes -MMD -MP -MF $@.d $(ALL_LDFLAGS) -o $@ $< $(MAIL_OBJ) $(BUILD)/libdangol.a \
		-lcmocka -lesmtp $(shell pkg-config --libs $(MAIL_LIBS) $(LIBS)) -lm

$(BUILD)/fuzz_%: tests/fuzz/fuzz_%.c tests/fuzz/fuzz.h $(FUZZ_OBJ)
	@echo "  FUZZ  $@"
	@$(CC) $(ALL_CFLAGS) -fsanitize=fuzzer $(ALL_LDFLAGS) -o $@ $< $(FUZZ_OBJ) $(shell pkg-config --libs $(LIBS)) -lm

unit: $(UNIT)
fuzzers: $(FUZZERS)

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)

# ---- set-up -------------------------------------------------------------------------------------------------------
setup:
	@tests/setup.sh $(PACKAGES)
setup-tests:
	@tests/setup.sh $(PACKAGES) $(TEST_PACKAGES)
setup-bench:
	@tests/setup.sh $(PACKAGES) $(BENCH_PACKAGES)

# ---- what one does ------------------------------------------------------------------------------------------------
# The build runs in a second make, because the libraries it asks about may just have been installed.
demo: setup
	@$(MAKE) --no-print-directory -j2 all
	@BUILD=$(BUILD) tests/demo.sh
check: setup-tests
	@$(MAKE) --no-print-directory -j2 all unit
	@$(MAKE) --no-print-directory -j2 BUILD=$(BUILD)/asan SAN=1 CFLAGS='-O1 -g' all unit
	@$(MAKE) --no-print-directory -j2 BUILD=$(BUILD)/fuzz FUZZ=1 CC=clang CFLAGS='-O1 -g' fuzzers
	@BUILD=$(BUILD) FUZZ_SECONDS=$(FUZZ_SECONDS) tests/check.sh
fuzz: setup-tests
	@$(MAKE) --no-print-directory -j2 BUILD=$(BUILD)/fuzz FUZZ=1 CC=clang CFLAGS='-O1 -g' fuzzers
	@BUILD=$(BUILD) tests/fuzz/run.sh $(FUZZ_SECONDS)
bench: setup-bench
	@$(MAKE) --no-print-directory -j2 all
	@BUILD=$(BUILD) tests/bench/run.sh
asan: setup-tests
	@$(MAKE) --no-print-directory -j2 BUILD=$(BUILD)/asan SAN=1 CFLAGS='-O1 -g' all unit
check-layers:
	@tests/layers.sh
format:
	@clang-format -i $$(git ls-files 'daemon/*.c' 'daemon/*.h' 'tests/*.c' 'tests/*.h')
# The editor files, anew from the tables of words.
editor: $(BUILD)/dangolctl
	$(BUILD)/dangolctl --syntax vim > contrib/editor/vim/syntax/dangol.vim
	$(BUILD)/dangolctl --syntax vscode > contrib/editor/vscode/syntaxes/dangol.tmLanguage.json
clean:
	rm -rf $(BUILD)

install: all
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/libexec/dangol $(DESTDIR)$(PREFIX)/lib/systemd/system \
		$(DESTDIR)$(PREFIX)/share/doc/dangol/rules $(DESTDIR)$(PREFIX)/share/doc/dangol/templates \
		$(DESTDIR)$(PREFIX)/share/man/man1 $(DESTDIR)$(PREFIX)/share/man/man5 $(DESTDIR)$(PREFIX)/share/man/man8 \
		$(DESTDIR)$(PREFIX)/share/bash-completion/completions $(DESTDIR)$(PREFIX)/share/zsh/site-functions \
		$(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d \
		$(DESTDIR)$(PREFIX)/share/vim/vimfiles/syntax $(DESTDIR)$(PREFIX)/share/vim/vimfiles/ftdetect \
		$(DESTDIR)$(PREFIX)/share/dangol/vscode/syntaxes \
		$(addprefix $(DESTDIR)$(PREFIX)/share/doc/dangol/,proxy pos browser walkthrough)
	install -m 755 $(BUILD)/dangold $(BUILD)/dangolctl $(DESTDIR)$(PREFIX)/bin/
	install -m 755 $(BUILD)/dangol-mail $(DESTDIR)$(PREFIX)/libexec/dangol/
	for unit in systemd/*.service systemd/*.socket; do \
		sed 's|@PREFIX@|$(PREFIX)|g' $$unit > $(DESTDIR)$(PREFIX)/lib/systemd/system/$${unit##*/}; done
	install -d $(DESTDIR)$(PREFIX)/lib/sysusers.d
	install -m 644 systemd/dangol.sysusers $(DESTDIR)$(PREFIX)/lib/sysusers.d/dangol.conf
	for page in contrib/man/*.[158]; do \
		install -m 644 $$page $(DESTDIR)$(PREFIX)/share/man/man$${page##*.}/; done
	install -m 644 contrib/completions/dangolctl.bash $(DESTDIR)$(PREFIX)/share/bash-completion/completions/dangolctl
	install -m 644 contrib/completions/_dangolctl $(DESTDIR)$(PREFIX)/share/zsh/site-functions/
	install -m 644 contrib/completions/dangolctl.fish $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/
	install -m 644 contrib/editor/vim/syntax/dangol.vim $(DESTDIR)$(PREFIX)/share/vim/vimfiles/syntax/
	install -m 644 contrib/editor/vim/ftdetect/dangol.vim $(DESTDIR)$(PREFIX)/share/vim/vimfiles/ftdetect/
	install -m 644 contrib/editor/vscode/*.json $(DESTDIR)$(PREFIX)/share/dangol/vscode/
	install -m 644 contrib/editor/vscode/syntaxes/*.json $(DESTDIR)$(PREFIX)/share/dangol/vscode/syntaxes/
	install -m 644 rules/* $(DESTDIR)$(PREFIX)/share/doc/dangol/rules/
	install -m 644 templates/* $(DESTDIR)$(PREFIX)/share/doc/dangol/templates/
	for folder in proxy pos browser walkthrough; do \
		install -m 644 contrib/$$folder/* $(DESTDIR)$(PREFIX)/share/doc/dangol/$$folder/; done
	install -m 644 contrib/openapi.json README.md CHANGES.md LICENSE $(DESTDIR)$(PREFIX)/share/doc/dangol/
uninstall:
	rm -f $(DESTDIR)$(PREFIX)/bin/dangold $(DESTDIR)$(PREFIX)/bin/dangolctl
	rm -f $(DESTDIR)$(PREFIX)/lib/sysusers.d/dangol.conf
	rm -f $(DESTDIR)$(PREFIX)/share/bash-completion/completions/dangolctl
	rm -f $(DESTDIR)$(PREFIX)/share/zsh/site-functions/_dangolctl
	rm -f $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/dangolctl.fish
	rm -f $(DESTDIR)$(PREFIX)/share/vim/vimfiles/syntax/dangol.vim
	rm -f $(DESTDIR)$(PREFIX)/share/vim/vimfiles/ftdetect/dangol.vim
	rm -rf $(DESTDIR)$(PREFIX)/libexec/dangol $(DESTDIR)$(PREFIX)/share/doc/dangol $(DESTDIR)$(PREFIX)/share/dangol
	for unit in systemd/*.service systemd/*.socket; do \
		rm -f $(DESTDIR)$(PREFIX)/lib/systemd/system/$${unit##*/}; done
	for page in contrib/man/*.[158]; do \
		rm -f $(DESTDIR)$(PREFIX)/share/man/man$${page##*.}/$${page##*/}; done

.PHONY: all unit fuzzers fuzz setup setup-tests setup-bench demo check bench asan check-layers format editor clean install uninstall
.DELETE_ON_ERROR:
