package dev.fizzy.cli;

/** The value of an option is wrong, or options do not go together; the sentence names them. */
final class OptionException extends RuntimeException {
  OptionException(String message) {
    super(message);
  }
}
