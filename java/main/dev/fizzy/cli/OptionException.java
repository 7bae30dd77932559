package dev.fizzy.cli;

/** An option has an invalid value, or options exclude each other; the message names them. */
final class OptionException extends RuntimeException {
  OptionException(String message) {
    super(message);
  }
}
