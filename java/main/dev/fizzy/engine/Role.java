package dev.fizzy.engine;

/**
 * Where a tensor lives: parameters, their gradients, and what the network keeps without training it
 * (STATE, such as running statistics) in flat regions of their own, all else in the program's
 * arena.
 */
public enum Role {
  INPUT,
  PARAMETER,
  GRADIENT,
  STATE,
  LOCAL
}
