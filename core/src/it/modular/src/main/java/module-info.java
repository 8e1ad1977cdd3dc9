module consumer.modular {
  requires io.autorefresh;
}
