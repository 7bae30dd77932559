/**
 * The quality of a set of images beside a real set: distance and overlap of their distributions in
 * an embedder's space, sharpness and clipping; and what an autoencoder's round trip keeps.
 */
package dev.fizzy.recognition.quality;
