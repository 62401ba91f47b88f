"""The parts of the sample's generator: places, organisations, payments, file formats."""
