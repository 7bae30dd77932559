package dev.fizzy.engine;

import java.util.Locale;

/** Names of operations: {@code GroupNorm.Backward} is {@code group_norm_backward}. */
final class OperationName {
  private static final ClassValue<String> NAMES =
      new ClassValue<>() {
        @Override
        protected String computeValue(Class<?> operation) {
          String name = snakeCase(operation.getSimpleName());
          return operation.isMemberClass()
              ? snakeCase(operation.getEnclosingClass().getSimpleName()) + "_" + name
              : name;
        }
      };

  private OperationName() {}

  static String of(Class<?> operation) {
    return NAMES.get(operation);
  }

  private static String snakeCase(String camelCase) {
    return camelCase.replaceAll("([a-z0-9])([A-Z])", "$1_$2").toLowerCase(Locale.ROOT);
  }
}
