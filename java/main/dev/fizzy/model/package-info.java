/**
 * The networks, their configurations and the files that contain both: U-Net, VQ autoencoder,
 * iResNet. It imports {@code nn}, {@code weights} and the engine. Start at {@link
 * dev.fizzy.model.UNet} and {@link dev.fizzy.model.ModelFile}.
 */
package dev.fizzy.model;
