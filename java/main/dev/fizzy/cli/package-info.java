/**
 * The command line: one command a file. A command parses its options, calls the package of its
 * subject and prints the result; it computes nothing itself. It may import every package. Start at
 * {@link dev.fizzy.cli.Fizzy}.
 */
package dev.fizzy.cli;
