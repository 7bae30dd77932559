/**
 * Samplers (one file each) and the trainings of the autoencoder and of the denoising U-Net. It
 * imports {@code model}, {@code training} and the data sets. Start at {@link
 * dev.fizzy.diffusion.DiffusionTraining} for training and {@link dev.fizzy.diffusion.LatentSampler}
 * for sampling.
 */
package dev.fizzy.diffusion;
