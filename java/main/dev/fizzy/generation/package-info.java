/**
 * Generates data sets: the latent sampler and the decoder draw images for batches of contexts, and
 * a {@link dev.fizzy.dataset.write.DatasetWriter} writes them. It imports {@code diffusion}, {@code
 * identity} and {@code dataset}. Start at {@link dev.fizzy.generation.Generator}.
 */
package dev.fizzy.generation;
