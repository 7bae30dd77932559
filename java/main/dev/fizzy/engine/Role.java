package dev.fizzy.engine;

/**
 * Determines where a tensor is stored: parameters, their gradients, and untrained state of the
 * network (STATE, such as running statistics) in flat regions, all other tensors in the program's
 * arena.
 */
public enum Role {
  INPUT,
  PARAMETER,
  GRADIENT,
  STATE,
  LOCAL;

  /** Whether its values belong to the model and change only between runs, outside of training. */
  public boolean isStored() {
    return this == PARAMETER || this == STATE;
  }
}
