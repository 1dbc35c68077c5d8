// SPDX-License-Identifier: GPL-2.0-only
/*
 * /dev/rrcrew<id>: the byte streams of a session as files.
 *
 * The device and its session live apart: an open file holds the device (by its
 * count) and the session (by ops->get), so either may be removed meanwhile.
 */
#include <linux/cdev.h>
#include <linux/device.h>
#include <linux/err.h>
#include <linux/kref.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/poll.h>
#include <linux/slab.h>
#include "logdev.h"

#define CHARDEV_MINORS	256

/**
 * struct rr_chardev - one device
 * @ref: one of the session's until rr_chardev_remove(), one per open file
 * @ops: the session's
 * @data: the session
 * @minor: index in chardev_minor[]
 * @reader: a file is open for reading; under chardev_lock
 * @writer: a file is open for writing; under chardev_lock
 */
struct rr_chardev {
	struct kref ref;
	const struct rr_chardev_ops *ops;
	void *data;
	u32 minor;
	bool reader;
	bool writer;
};

/*
 * Protects chardev_minor[] and the readers and writers of its devices, so that
 * an open either comes before the removal or does not find the device. Leaf but
 * for ops->get(), which must not sleep on anything that removes devices.
 */
static DEFINE_MUTEX(chardev_lock);
static struct rr_chardev *chardev_minor[CHARDEV_MINORS];
static dev_t chardev_first;
static struct cdev chardev_cdev;
static struct class chardev_class = { .name = "rrcrew" };

static void chardev_release_ref(struct kref *ref)
{
	kfree(container_of(ref, struct rr_chardev, ref));
}

static void chardev_put(struct rr_chardev *dev)
{
	kref_put(&dev->ref, chardev_release_ref);
}

/* Makes the caller the device's reader or writer. */
static int chardev_claim(struct rr_chardev *dev, bool *side)
{
	lockdep_assert_held(&chardev_lock);
	if (*side)
		return -EBUSY;
	*side = true;
	kref_get(&dev->ref);
	dev->ops->get(dev->data);
	return 0;
}

static int chardev_open(struct inode *inode, struct file *file)
{
	struct rr_chardev *dev;
	int err = -ENXIO;

	/* One file is one direction, so that closing it says which has ended. */
	if (!(file->f_mode & FMODE_READ) == !(file->f_mode & FMODE_WRITE))
		return -EINVAL;
	mutex_lock(&chardev_lock);
	dev = chardev_minor[iminor(inode) - MINOR(chardev_first)];
	if (dev)
		err = chardev_claim(dev, file->f_mode & FMODE_READ ?
				    &dev->reader : &dev->writer);
	mutex_unlock(&chardev_lock);
	if (err)
		return err;
	file->private_data = dev;
	return stream_open(inode, file);
}

static int chardev_release(struct inode *inode, struct file *file)
{
	struct rr_chardev *dev = file->private_data;
	bool reads = file->f_mode & FMODE_READ;

	if (reads)
		dev->ops->last_reader_gone(dev->data);
	else
		dev->ops->last_writer_gone(dev->data);
	mutex_lock(&chardev_lock);
	if (reads)
		dev->reader = false;
	else
		dev->writer = false;
	mutex_unlock(&chardev_lock);
	dev->ops->put(dev->data);
	chardev_put(dev);
	return 0;
}

static ssize_t chardev_read(struct file *file, char __user *buf, size_t len, loff_t *pos)
{
	struct rr_chardev *dev = file->private_data;

	return dev->ops->read(dev->data, buf, len, file->f_flags & O_NONBLOCK);
}

static ssize_t chardev_write(struct file *file, const char __user *buf, size_t len, loff_t *pos)
{
	struct rr_chardev *dev = file->private_data;

	return dev->ops->write(dev->data, buf, len, file->f_flags & O_NONBLOCK);
}

static __poll_t chardev_poll(struct file *file, struct poll_table_struct *wait)
{
	struct rr_chardev *dev = file->private_data;

	if (!dev->ops->poll)
		return DEFAULT_POLLMASK;
	return dev->ops->poll(dev->data, file, wait);
}

static const struct file_operations chardev_fops = {
	.owner = THIS_MODULE,
	.open = chardev_open,
	.release = chardev_release,
	.read = chardev_read,
	.write = chardev_write,
	.poll = chardev_poll,
};

/**
 * rr_chardev_init() - get the class, a major and its minors
 *
 * Context: module init.
 * Return: 0 or a negative errno.
 */
int rr_chardev_init(void)
{
	int err = class_register(&chardev_class);

	if (err)
		return err;
	err = alloc_chrdev_region(&chardev_first, 0, CHARDEV_MINORS, "rrcrew");
	if (err)
		goto err_class;
	cdev_init(&chardev_cdev, &chardev_fops);
	chardev_cdev.owner = THIS_MODULE;
	err = cdev_add(&chardev_cdev, chardev_first, CHARDEV_MINORS);
	if (err)
		goto err_region;
	return 0;

err_region:
	unregister_chrdev_region(chardev_first, CHARDEV_MINORS);
err_class:
	class_unregister(&chardev_class);
	return err;
}

/**
 * rr_chardev_exit() - undo rr_chardev_init()
 *
 * Context: module exit; all devices are removed, all files closed.
 */
void rr_chardev_exit(void)
{
	cdev_del(&chardev_cdev);
	unregister_chrdev_region(chardev_first, CHARDEV_MINORS);
	class_unregister(&chardev_class);
}

/* A minor for @dev, which can be opened from now on; -ENOSPC: all are taken. */
static int chardev_publish(struct rr_chardev *dev)
{
	int err = -ENOSPC;
	u32 i;

	mutex_lock(&chardev_lock);
	for (i = 0; i < CHARDEV_MINORS && err; i++) {
		if (chardev_minor[i])
			continue;
		chardev_minor[i] = dev;
		dev->minor = i;
		err = 0;
	}
	mutex_unlock(&chardev_lock);
	return err;
}

static void chardev_unpublish(struct rr_chardev *dev)
{
	mutex_lock(&chardev_lock);
	chardev_minor[dev->minor] = NULL;
	mutex_unlock(&chardev_lock);
}

/* The numbers of devices of its own node, not of @dev's lifetime. */
static dev_t chardev_devt(const struct rr_chardev *dev)
{
	return MKDEV(MAJOR(chardev_first), MINOR(chardev_first) + dev->minor);
}

/**
 * rr_chardev_new() - make /dev/rrcrew<id>, mode 0600
 * @id: of the session, any number that no other device has
 * @ops: all but poll are required; get is called with a mutex held
 * @data: handed to @ops; the device itself takes no reference: call
 *	rr_chardev_remove() before the session's own one is dropped
 *
 * The device can be opened before this returns.
 *
 * Context: may sleep.
 * Return: the device or an ERR_PTR: -ENOSPC with 256 devices, -EEXIST, -ENOMEM.
 */
struct rr_chardev *rr_chardev_new(u32 id, const struct rr_chardev_ops *ops, void *data)
{
	struct rr_chardev *dev = kzalloc(sizeof(*dev), GFP_KERNEL);
	struct device *node;
	int err;

	if (!dev)
		return ERR_PTR(-ENOMEM);
	kref_init(&dev->ref);
	dev->ops = ops;
	dev->data = data;
	err = chardev_publish(dev);
	if (err)
		goto err_put;
	/* Without a devnode callback devtmpfs makes it root's, mode 0600. */
	node = device_create(&chardev_class, NULL, chardev_devt(dev), NULL, "rrcrew%u", id);
	err = PTR_ERR_OR_ZERO(node);
	if (err)
		goto err_unpublish;
	return dev;

err_unpublish:
	chardev_unpublish(dev);
err_put:
	chardev_put(dev);
	return ERR_PTR(err);
}

/**
 * rr_chardev_remove() - remove /dev/rrcrew<id>
 * @dev: from rr_chardev_new(); may be NULL or an ERR_PTR
 *
 * No open succeeds afterwards. Files that are open remain and still call the
 * session's ops.
 *
 * Context: may sleep; hold nothing that ops->get takes.
 */
void rr_chardev_remove(struct rr_chardev *dev)
{
	if (IS_ERR_OR_NULL(dev))
		return;
	/* The node first: its number may be another device's once unpublished. */
	device_destroy(&chardev_class, chardev_devt(dev));
	chardev_unpublish(dev);
	chardev_put(dev);
}
