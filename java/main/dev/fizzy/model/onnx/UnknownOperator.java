package dev.fizzy.model.onnx;

import dev.fizzy.file.FileException;

/** An ONNX file has an operator that the engine does not compute; the message names it. */
public final class UnknownOperator extends FileException {
  UnknownOperator(String message) {
    super(message);
  }
}
