/**
 * Face embedders as parts of a graph, and how their faces are prepared. Start at {@link
 * dev.fizzy.model.embedder.FrozenEmbedder}.
 */
package dev.fizzy.model.embedder;
