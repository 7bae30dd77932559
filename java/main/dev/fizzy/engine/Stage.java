package dev.fizzy.engine;

/**
 * How often a value changes. An operation belongs to the latest stage of its inputs, and a stage is
 * replayed only when one of its inputs was written: packed weights once a model, keys and values of
 * the context once an identity, scales and shifts once a sampling step, and the rest at every
 * evaluation.
 */
public enum Stage {
  MODEL,
  IDENTITY,
  STEP,
  EVALUATION
}
