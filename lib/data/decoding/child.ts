import { answerRequests } from "./decode-image";

answerRequests();
