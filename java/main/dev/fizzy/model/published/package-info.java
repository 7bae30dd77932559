/**
 * Import of published checkpoints: finds the architecture of a file by the names and shapes of its
 * tensors, and renames them. It imports {@code model} and {@code weights}. Start at {@link
 * dev.fizzy.model.published.ModelImport}.
 */
package dev.fizzy.model.published;
