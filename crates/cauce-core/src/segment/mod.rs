//! Who someone is: rules over attributes, events and other segments, and live membership.
