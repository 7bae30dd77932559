package dev.fizzy.engine;

/** A request the engine cannot serve; the message is a sentence with the values in it. */
public final class EngineException extends RuntimeException {
  public EngineException(String message) {
    super(message);
  }

  public EngineException(String message, Throwable cause) {
    super(message, cause);
  }
}
