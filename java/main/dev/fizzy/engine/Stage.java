package dev.fizzy.engine;

/**
 * How often a value changes. An operation belongs to the latest stage of its inputs, and a stage is
 * replayed only after one of its inputs was written: packed weights once per model, keys and values
 * of the context once per identity, scales and shifts once per sampling step, and all else at every
 * evaluation.
 */
public enum Stage {
  MODEL,
  IDENTITY,
  STEP,
  EVALUATION
}
