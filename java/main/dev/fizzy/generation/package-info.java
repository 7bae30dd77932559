/**
 * Draws data sets: batches of contexts go through the latent sampler and the decoder, and the
 * images to a {@link dev.fizzy.dataset.write.DatasetWriter}. It imports {@code diffusion}, {@code
 * identity} and {@code dataset}. Start at {@link dev.fizzy.generation.Generator}.
 */
package dev.fizzy.generation;
