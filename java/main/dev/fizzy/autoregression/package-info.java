/**
 * Training of autoregressive networks on the codes of images, and drawing with them. It imports
 * {@code diffusion} for what all networks on latents share. Start at {@link
 * dev.fizzy.autoregression.AutoregressiveTraining} for training and {@link
 * dev.fizzy.autoregression.CodeSampler} for drawing.
 */
package dev.fizzy.autoregression;
