import { tf } from "./tensorflow";

const size = 2048;
const seconds = 1;

/** Multiply-adds a second of this device in products of large matrices, measured for a second after one to warm up: an upper bound for networks. */
export function multiplicationsPerSecond(): number {
  const [left, right] = [tf.ones([size, size]), tf.ones([size, size])];
  const multiply = (): void => {
    const product = tf.matMul(left, right);
    // Reading one value waits for the device.
    tf.tidy(() => product.slice([0, 0], [1, 1]).dataSync());
    product.dispose();
  };
  multiply();
  const start = performance.now();
  let products = 0;
  for (; performance.now() - start < 1000 * seconds; products++) multiply();
  const elapsed = (performance.now() - start) / 1000;
  tf.dispose([left, right]);
  return (products * size ** 3) / elapsed;
}
