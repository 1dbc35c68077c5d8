// SPDX-License-Identifier: GPL-2.0-only
/*
 * The vDSO reads clocks from memory that the kernel changes at any time. In a
 * recorded process its functions become what they are a short cut for: system
 * calls, which are logged. The patched page is private to the process.
 */
#include <linux/elf.h>
#include <linux/mm.h>
#include <linux/sched/signal.h>
#include <asm/unistd.h>
#include <asm/vdso.h>

#include "vdso.h"

static const struct {
	const char	*name;
	u32		nr;
} rr_vdso_calls[] = {
	{ "__vdso_clock_gettime",	__NR_clock_gettime },
	{ "__vdso_gettimeofday",	__NR_gettimeofday },
	{ "__vdso_time",		__NR_time },
	{ "__vdso_clock_getres",	__NR_clock_getres },
	{ "__vdso_getcpu",		__NR_getcpu },
};

static const Elf64_Shdr *rr_vdso_section(const void *image, u32 type)
{
	const Elf64_Ehdr *eh = image;
	const Elf64_Shdr *sh = image + eh->e_shoff;
	int i;

	for (i = 0; i < eh->e_shnum; i++)
		if (sh[i].sh_type == type)
			return sh + i;
	return NULL;
}

static int rr_vdso_patch_one(struct mm_struct *mm, unsigned long addr, u32 nr)
{
	/* mov $nr, %eax; syscall; ret */
	u8 code[8] = { 0xb8, nr, nr >> 8, nr >> 16, nr >> 24, 0x0f, 0x05, 0xc3 };

	if (access_process_vm(current, addr, code, sizeof(code),
			      FOLL_WRITE | FOLL_FORCE) == sizeof(code))
		return 0;
	/* Who was killed in its execve() gets no memory any more, and needs none. */
	return fatal_signal_pending(current) ? 0 : -EFAULT;
}

static int rr_vdso_patch_symbol(struct mm_struct *mm, const char *name, u64 value)
{
	unsigned long base = (unsigned long)mm->context.vdso;
	int i;

	for (i = 0; i < ARRAY_SIZE(rr_vdso_calls); i++)
		if (!strcmp(name, rr_vdso_calls[i].name))
			return rr_vdso_patch_one(mm, base + value, rr_vdso_calls[i].nr);
	return 0;
}

/**
 * rr_vdso_patch() - make the vDSO's clocks system calls
 * @mm: current's, 64 bit, with or without a vDSO
 *
 * Return: 0 or a negative errno.
 */
int rr_vdso_patch(struct mm_struct *mm)
{
	const void *image;
	const Elf64_Shdr *sym, *str;
	const Elf64_Sym *s;
	size_t n;
	int ret = 0;

	if (!mm->context.vdso || !mm->context.vdso_image)
		return 0;
	image = mm->context.vdso_image->data;
	sym = rr_vdso_section(image, SHT_DYNSYM);
	str = rr_vdso_section(image, SHT_STRTAB);
	if (!sym || !str)
		return -ENOEXEC;
	s = image + sym->sh_offset;
	for (n = sym->sh_size / sizeof(*s); n && !ret; n--, s++)
		if (ELF64_ST_TYPE(s->st_info) == STT_FUNC)
			ret = rr_vdso_patch_symbol(mm, image + str->sh_offset + s->st_name,
						   s->st_value);
	return ret;
}
