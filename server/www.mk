# The web site that the server shows: $(BUILD)/www, made from server/www and from files made here.
# Included by the root Makefile, after BUILD is set. `make www` makes all of it.
#
# The large files are made once. Each of their lines is 64 bytes and tells the file's name, the
# line's number and the byte at which it begins, so that a wrong byte is seen. sums.txt is
# written last and stands for all of them.

BUILD ?= build

WWW_PAGES := $(shell find server/www -type f ! -name '.*')
WWW_COPIES := $(WWW_PAGES:server/www/%=$(BUILD)/www/%)
WWW_LARGE := $(BUILD)/www/large

define WWW_LARGE_AWK
function make_file(name, bytes,    lines, n) {
    lines = bytes / 64
    for (n = 0; n < lines; n++)
        printf "%-11s  line %7d of %7d, byte %8d of %8d\n", name, n + 1, lines, n * 64, bytes > name
    close(name)
    print name
}

BEGIN {
    make_file("64K.txt", 64 * 1024)
    make_file("1M.txt", 1024 * 1024)
    make_file("16M.txt", 16 * 1024 * 1024)
    make_file("64M.txt", 64 * 1024 * 1024)
    for (i = 1; i <= 40; i++)
        make_file(sprintf("cold/%02d.txt", i), 300 * 1024)
}
endef
export WWW_LARGE_AWK

# For scenes: a file that everybody asks for, and many that nobody has asked for yet. So small that
# a small page cache has forgotten the first of them when the last has been read.
define WWW_COLD_AWK
function make_file(name,    n) {
    for (n = 0; n < 4096 / 64; n++)
        printf "%-12s line %7d of %7d, byte %8d of %8d\n", name, n + 1, 64, n * 64, 4096 > name
    close(name)
}

BEGIN {
    for (i = 1; i < 200; i++)
        make_file(sprintf("cold/%03d.txt", i))
    make_file("hot.txt")
    make_file("cold/200.txt")
}
endef
export WWW_COLD_AWK

.PHONY: www $(BUILD)/www
www: $(BUILD)/www
$(BUILD)/www: $(WWW_COPIES) $(WWW_LARGE)/sums.txt $(BUILD)/www/cold/200.txt

$(WWW_COPIES): $(BUILD)/www/%: server/www/%
	@mkdir -p $(@D)
	cp $< $@

$(WWW_LARGE)/sums.txt: server/www.mk
	@mkdir -p $(@D)/cold
	cd $(@D) && LC_ALL=C awk "$$WWW_LARGE_AWK" > made && xargs cksum < made > sums && rm made && mv sums sums.txt

$(BUILD)/www/cold/200.txt: server/www.mk
	@mkdir -p $(@D)
	cd $(BUILD)/www && LC_ALL=C awk "$$WWW_COLD_AWK"
