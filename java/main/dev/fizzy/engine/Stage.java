package dev.fizzy.engine;

/**
 * How often a value changes. An operation belongs to the latest stage of its inputs, and a stage is
 * replayed only after one of its inputs was written: packed weights, and scales and shifts of all
 * sampling steps, once per model, keys and values of the context once per identity, what depends on
 * the step and the context once per sampling step, and all else at every evaluation.
 */
public enum Stage {
  MODEL,
  IDENTITY,
  STEP,
  EVALUATION
}
