// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which variables of a program or library lie on a page. The file may be any: libelf
 * checks what it reads, all sums are checked here. It is read, not mapped, for
 * somebody may cut it meanwhile.
 */
#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "symbols.h"

/* More than these no honest file has. */
#define PHDRS_MAX	1024
#define SYMBOLS_MAX	(1 << 24)

/**
 * struct rr_symbols - an ELF file
 * @fd: open
 * @elf: of it
 * @data: the symbol table
 * @nr: its symbols
 * @strings: the section with their names
 */
struct rr_symbols {
	int		fd;
	Elf		*elf;
	Elf_Data	*data;
	int		nr;
	size_t		strings;
};

/* A log may name a device, and opening some is an act. */
static int open_regular(const char *path)
{
	struct stat st;

	if (stat(path, &st) || !S_ISREG(st.st_mode))
		return -1;
	return open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
}

/* Is this still the file that was recorded? Of the first page, build-id included. */
static bool same_file(int fd, __u64 size, const void *head)
{
	__u8 page[RR_PAGE_BYTES];
	struct stat st;

	if (fstat(fd, &st) || !S_ISREG(st.st_mode) || (__u64)st.st_size != size)
		return false;
	if (!head || size < sizeof(page))
		return true;
	return pread(fd, page, sizeof(page), 0) == sizeof(page) &&
	       !memcmp(page, head, sizeof(page));
}

static bool table_read(struct rr_symbols *s, GElf_Word type)
{
	Elf_Scn *scn = NULL;
	GElf_Shdr shdr;
	size_t entry = gelf_fsize(s->elf, ELF_T_SYM, 1, EV_CURRENT);

	while ((scn = elf_nextscn(s->elf, scn))) {
		if (!gelf_getshdr(scn, &shdr) || shdr.sh_type != type)
			continue;
		s->data = elf_getdata(scn, NULL);
		if (!s->data || !entry || s->data->d_size / entry > SYMBOLS_MAX)
			continue;
		s->nr = s->data->d_size / entry;
		s->strings = shdr.sh_link;
		return true;
	}
	return false;
}

/**
 * rr_symbols_open() - the variables of a file
 * @path: its name
 * @size: its bytes when it was recorded
 * @head: its first page then, or NULL if that is not known
 *
 * Return: NULL if there is no such file, if it is another one now, or has no symbols.
 */
struct rr_symbols *rr_symbols_open(const char *path, __u64 size, const void *head)
{
	struct rr_symbols *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->fd = open_regular(path);
	if (s->fd >= 0 && same_file(s->fd, size, head) &&
	    elf_version(EV_CURRENT) != EV_NONE)
		s->elf = elf_begin(s->fd, ELF_C_READ, NULL);
	if (s->elf && elf_kind(s->elf) == ELF_K_ELF && gelf_getclass(s->elf) == ELFCLASS64 &&
	    (table_read(s, SHT_SYMTAB) || table_read(s, SHT_DYNSYM)))
		return s;
	rr_symbols_close(s);
	return NULL;
}

void rr_symbols_close(struct rr_symbols *symbols)
{
	if (!symbols)
		return;
	elf_end(symbols->elf);
	if (symbols->fd >= 0)
		close(symbols->fd);
	free(symbols);
}

/*
 * The address, as the file has it, of byte @offset of the mapping that begins at
 * @map_offset. A page of the file may be mapped twice, as the end of one segment and
 * the beginning of the next: whether it can be written tells which. Bytes behind the
 * file's go on as .bss, up to p_memsz.
 */
static bool file_vaddr(const struct rr_symbols *s, __u64 map_offset, __u64 offset,
		       bool writable, __u64 *vaddr)
{
	size_t i, nr;
	GElf_Phdr p;

	if (elf_getphdrnum(s->elf, &nr) || nr > PHDRS_MAX)
		return false;
	for (i = 0; i < nr; i++) {
		__u64 skew, from;

		if (!gelf_getphdr(s->elf, i, &p) || p.p_type != PT_LOAD ||
		    !!(p.p_flags & PF_W) != writable)
			continue;
		skew = p.p_offset % RR_PAGE_BYTES;
		from = p.p_offset - skew;
		if (from > map_offset || from > offset || p.p_vaddr < skew ||
		    map_offset - from >= p.p_filesz + skew ||
		    offset - from >= p.p_memsz + skew)
			continue;
		*vaddr = p.p_vaddr - skew + (offset - from);
		return true;
	}
	return false;
}

/* Of a variable that has several names, as environ has, the plainest is first. */
static int by_addr(const void *a, const void *b)
{
	const struct rr_symbol *x = a, *y = b;

	if (x->addr != y->addr)
		return x->addr < y->addr ? -1 : 1;
	if (x->bytes != y->bytes)
		return x->bytes > y->bytes ? -1 : 1;
	return strcmp(y->name, x->name);
}

static int by_bytes(const void *a, const void *b)
{
	const struct rr_symbol *x = a, *y = b;

	if (x->bytes != y->bytes)
		return x->bytes > y->bytes ? -1 : 1;
	return x->addr < y->addr ? -1 : x->addr > y->addr;
}

/* The @i-th symbol, if it is a variable and lies on the page at @vaddr. */
static bool symbol_get(const struct rr_symbols *s, int i, __u64 vaddr, struct rr_symbol *to)
{
	GElf_Sym sym;
	__u64 end;

	if (!gelf_getsym(s->data, i, &sym) || GELF_ST_TYPE(sym.st_info) != STT_OBJECT ||
	    sym.st_shndx == SHN_UNDEF || sym.st_shndx == SHN_ABS ||
	    __builtin_add_overflow(sym.st_value, sym.st_size, &end) ||
	    sym.st_value >= vaddr + RR_PAGE_BYTES || end <= vaddr)
		return false;
	to->name = elf_strptr(s->elf, s->strings, sym.st_name);
	to->addr = sym.st_value;
	to->offset = sym.st_value < vaddr ? vaddr - sym.st_value : 0;
	to->bytes = (end < vaddr + RR_PAGE_BYTES ? end : vaddr + RR_PAGE_BYTES) -
		    (sym.st_value + to->offset);
	return to->name;
}

/* Sorts, and leaves one name for each variable. */
static int symbols_sort(struct rr_symbol *list, int nr)
{
	int i, kept = 0;

	if (!nr)
		return 0;
	qsort(list, nr, sizeof(*list), by_addr);
	for (i = 0; i < nr; i++)
		if (!kept || list[i].addr != list[kept - 1].addr)
			list[kept++] = list[i];
	qsort(list, kept, sizeof(*list), by_bytes);
	return kept;
}

/**
 * rr_symbols_on_page() - what lies on a page
 * @symbols: of the file
 * @map_offset: where in the file the mapping begins
 * @offset: where in the file the page is; behind the file's part for .bss
 * @writable: the mapping was made for writing
 * @list: set, what has most of the page is first; to be freed
 *
 * Return: how many, -ENOENT if no part of the program is there, or -ENOMEM.
 */
int rr_symbols_on_page(const struct rr_symbols *symbols, __u64 map_offset, __u64 offset,
		       bool writable, struct rr_symbol **list)
{
	struct rr_symbol symbol, *grown;
	int i, nr = 0;
	__u64 vaddr;

	*list = NULL;
	if (!file_vaddr(symbols, map_offset, offset, writable, &vaddr) ||
	    vaddr + RR_PAGE_BYTES < vaddr)
		return -ENOENT;
	for (i = 0; i < symbols->nr; i++) {
		if (!symbol_get(symbols, i, vaddr, &symbol))
			continue;
		/* Room for a power of two, full when their number is one. */
		if (!(nr & (nr - 1))) {
			grown = reallocarray(*list, nr ? 2 * (size_t)nr : 1, sizeof(**list));
			if (!grown) {
				free(*list);
				*list = NULL;
				return -ENOMEM;
			}
			*list = grown;
		}
		(*list)[nr++] = symbol;
	}
	return symbols_sort(*list, nr);
}
