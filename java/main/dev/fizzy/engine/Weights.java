package dev.fizzy.engine;

/** When the weights of a program change, and how a kernel may read them. */
public enum Weights {
  /** Only before a pack: a kernel may keep them in a layout of its own. */
  PACKED,
  /** In every run. */
  CHANGING,
  /** In every run; their optimizer also writes them rounded to bf16, {@link Parameters#narrow}. */
  NARROWED
}
