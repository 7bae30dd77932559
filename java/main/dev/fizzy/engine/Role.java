package dev.fizzy.engine;

/**
 * Where a tensor lives: parameters and their gradients in flat regions of their own, all else in
 * the program's arena.
 */
public enum Role {
  INPUT,
  PARAMETER,
  GRADIENT,
  LOCAL
}
