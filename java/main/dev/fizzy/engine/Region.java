package dev.fizzy.engine;

/**
 * The flat f32 regions outside a program's arena. All have the same layout: element i of each
 * belongs to the same weight.
 */
public enum Region {
  VALUES,
  GRADIENTS,
  FIRST_MOMENT,
  SECOND_MOMENT,
  AVERAGE
}
