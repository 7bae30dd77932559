/**
 * MTCNN as a face detector on the engine: three networks, an image pyramid, and the boxes between
 * them. It imports {@code alignment}, the engine and {@code weights}. Start at {@link
 * dev.fizzy.alignment.mtcnn.Mtcnn}.
 */
package dev.fizzy.alignment.mtcnn;
