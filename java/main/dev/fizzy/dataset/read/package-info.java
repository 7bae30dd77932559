/**
 * Sources of images: the interfaces that every format implements, folders of images, and images
 * decoded by several threads. It imports {@code image} and {@code file}. Start at {@link
 * dev.fizzy.dataset.read.LabeledImages}.
 */
package dev.fizzy.dataset.read;
