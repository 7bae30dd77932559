package dev.fizzy.cli;

import picocli.CommandLine.Command;

@Command(
    name = "make",
    description = "Writes auxiliary files of data sets.",
    subcommands = {MakeBinCommand.class, MakeIndexCommand.class, MakeManifestCommand.class},
    footer = {"", "Example:", "  fizzy make index train.rec"})
final class MakeCommand {}
