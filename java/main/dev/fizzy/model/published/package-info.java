/**
 * Checkpoints of others: finds out by names and shapes which published architecture a file holds,
 * and renames its tensors. It imports {@code model} and {@code weights}. Start at {@link
 * dev.fizzy.model.published.ModelImport}.
 */
package dev.fizzy.model.published;
