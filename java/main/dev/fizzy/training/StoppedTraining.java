package dev.fizzy.training;

/** The training was asked to stop and has written a checkpoint. */
public final class StoppedTraining extends RuntimeException {
  StoppedTraining(String message) {
    super(message);
  }
}
