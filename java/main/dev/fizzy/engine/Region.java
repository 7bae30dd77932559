package dev.fizzy.engine;

/**
 * The flat f32 regions beside a program's arena, all laid out alike: element i of each belongs to
 * the same weight.
 */
public enum Region {
  VALUES,
  GRADIENTS,
  FIRST_MOMENT,
  SECOND_MOMENT,
  AVERAGE
}
