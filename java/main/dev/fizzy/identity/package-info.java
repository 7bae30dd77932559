/**
 * Contexts, the vectors that tell the diffusion model which person to draw, and the embedders that
 * compute them from faces. It imports {@code dataset}, {@code model} and {@code weights}. Start at
 * {@link dev.fizzy.identity.Contexts} and {@link dev.fizzy.identity.Embedder}.
 */
package dev.fizzy.identity;
