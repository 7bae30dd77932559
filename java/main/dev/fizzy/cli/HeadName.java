package dev.fizzy.cli;

import dev.fizzy.model.MarginConfig;

/** A margin loss by its name on the command line. */
record HeadName(MarginConfig.Kind kind) {
  static HeadName of(String text) {
    return new HeadName(
        text.equalsIgnoreCase("elasticface")
            ? MarginConfig.Kind.ELASTIC_ARCFACE
            : MarginConfig.kind(text));
  }
}
